import { expect, test } from 'vitest'
import { formatPlace, isKxError } from '../../base/index.ts'
import { aContract, aRendering, aTestUse } from '../../testing/a-rendering.ts'

const YML = 'models/silver/x.yml'
const files = {
  'models/silver/x.sql': 'select 1',
  'models/silver/exchange.sql': 'select 1',
  'tests/generic/partner.sql': `{% test partner(model, to, field='name') %}
select * from {{ model }} where not exists (select from {{ to }} as parent where parent.{{ field }} = 1)
{% endtest %}`,
}

function theTest(args: Readonly<Record<string, unknown>>) {
  const contract = aContract(YML, { tests: [aTestUse(YML, 'partner', args)] })
  const [assertion] = aRendering(files, { contracts: [contract], vars: { column: 'id' } }).tests
  return { sql: assertion?.rendered.sql.trim(), parents: assertion?.parents }
}

test.each([
  ["ref('exchange')", 'exchange', 'silver.exchange'],
  [" ref( 'exchange' , window='none' ) ", 'exchange', 'silver.exchange'],
  ["source('bronze','native')", 'native', 'bronze.native'],
])('an argument %j is the relation', (to, name, parent) => {
  expect(theTest({ to })).toEqual({
    sql: `select * from x where not exists (select from ${name} as parent where parent.name = 1)`,
    parents: expect.arrayContaining(['silver.x', parent]),
  })
})

test('so is one without a name, and var() is its value', () => {
  expect(theTest({ _: "ref('exchange')", field: "var('column')" }).sql).toContain(
    'from exchange as parent where parent.id = 1',
  )
})

test.each(["reference('x')", "ref('a') or (b)", 'ref', "lower('x')"])(
  'the argument %j stays SQL',
  (field) => {
    expect(theTest({ to: 'pairs', field }).sql).toContain(`from pairs as parent where parent.${field} = 1`)
  },
)

test.each([
  ["ref('exchang')", "KX_REF_UNKNOWN ref('exchang') names no model → Did you mean ref('exchange')?"],
  ["var('nope')", "KX_VAR_MISSING var('nope') has no value → Add nope to vars"],
  ["ref('a)", 'KX_TEMPLATE_FAILED '],
])('%s fails at its use', (to, error) => {
  expect(errorOf(() => theTest({ to }))).toContain(`${YML}:7:5 ${error}`)
})

function errorOf(act: () => unknown): string {
  try {
    act()
    return 'nothing'
  } catch (error) {
    if (!isKxError(error) || error.at === undefined) throw error
    return `${formatPlace(error.at)} ${error.code} ${error.message} → ${error.hint}`
  }
}
