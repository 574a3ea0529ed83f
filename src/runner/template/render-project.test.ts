import { expect, test } from 'vitest'
import { formatPlace, isKxError } from '../../base/index.ts'
import { aContract, aRendering, aTestUse, type RenderingSketch } from '../../testing/a-rendering.ts'

const incremental = "{{ config(materialized='incremental', time_column='t', unique_key=['t', 'k']) }}"

function errorOf(files: Readonly<Record<string, string>>, sketch: RenderingSketch = {}): string {
  try {
    aRendering(files, sketch)
  } catch (error) {
    if (!isKxError(error)) throw error
    return `${error.code} ${error.at && formatPlace(error.at)} ${error.message} → ${error.hint}`
  }
  return 'no error'
}

test('vars come from the project, then from outside, and are noted', () => {
  const files = {
    'models/silver/x.sql':
      "select {{ var('a') }}, {{ var('b') }}, {{ var('c', 3) }}, {{ env_var('E', 'none') }}",
  }
  const { models } = aRendering(files, { project: { vars: { a: 1, b: 1 } }, vars: { b: 2 }, env: { E: 'x' } })

  expect(models[0]?.rendered).toMatchObject({ sql: 'select 1, 2, 3, x', vars: { a: 1, b: 2, c: 3 } })
})

test('config comes from folders, then the contract, then config(); tags add up', () => {
  const { models } = aRendering(
    { 'models/silver/x.sql': "{{ config(tags='c', event_time='t') }} select 1" },
    {
      contracts: [
        aContract('models/silver/x.yml', { config: { materialized: 'table', settle: '5m' }, tags: ['b'] }),
      ],
      project: {
        folderConfig: [
          { folder: ['silver'], config: { tags: ['a'], settle: '9m', materialized: 'view' } },
          { folder: [], config: { protected: true, settle: '1m' } },
        ],
      },
    },
  )

  expect(models[0]?.config).toMatchObject({
    materialized: 'table',
    settleMs: 300_000,
    isProtected: true,
    tags: ['a', 'b', 'c'],
    timeColumn: 't',
    partition: undefined,
  })
})

test('is_incremental() is true in an incremental model alone', () => {
  const ask = "select '{{ is_incremental() }}'"

  expect(aRendering({ 'models/silver/x.sql': `${incremental}${ask}` }).models[0]?.rendered.sql).toBe(
    "select 'True'",
  )
  expect(aRendering({ 'models/silver/x.sql': ask }).models[0]?.rendered.sql).toBe("select 'False'")
})

test.each([
  [
    "select *\nfrom {{ ref('trade') }}",
    "KX_REF_UNKNOWN models/silver/x.sql:2:9 ref('trade') names no model → Did you mean ref('trades')?",
  ],
  [
    "from {{ ref('native') }}",
    "KX_REF_UNKNOWN models/silver/x.sql:1:9 ref('native') names no model → It is a source: write source('bronze', 'native').",
  ],
  [
    "from {{ source('bronze', 'natve') }}",
    "KX_REF_UNKNOWN models/silver/x.sql:1:9 source('bronze', 'natve') names no source → Did you mean source('bronze', 'native')?",
  ],
  [
    "from {{ source('x', 'trades') }}",
    "KX_REF_UNKNOWN models/silver/x.sql:1:9 source('x', 'trades') names no source → It is a model: write ref('trades').",
  ],
  [
    "{{ ref('trades', windw='1h') }}",
    "KX_TEMPLATE_FAILED models/silver/x.sql:1:4 ref has no argument 'windw' → Did you mean window?",
  ],
  [
    "{{ ref('trades', window='soon') }}",
    "KX_WINDOW_INVALID models/silver/x.sql:1:4 'soon' is not a window → Write hours or days before, and after if wanted: '24h', '24h..1h', '1d..-1d', 'none'.",
  ],
  [
    "{{ var('depth') }}",
    "KX_VAR_MISSING models/silver/x.sql:1:4 var('depth') has no value → Add depth to vars in project.yml, or give a default: var('depth', …).",
  ],
  [
    "{{ config(materialised='view') }} select 1",
    "KX_CONFIG_INVALID models/silver/x.sql:1:4 'materialised' is no config of a model → Did you mean materialized?",
  ],
  [
    "\n {{ config(materialized='tble') }} select 1",
    'KX_CONFIG_INVALID models/silver/x.sql:2:5 materialized cannot be "tble" → Use incremental, table, view or ephemeral.',
  ],
  [
    "{{ config(materialized='incremental') }} select 1",
    "KX_CONFIG_INVALID models/silver/x.sql:1:4 an incremental model needs a time_column → Add time_column='…', the column that places a row.",
  ],
  [
    "{{ config(materialized='incremental', time_column='t') }} select 1",
    "KX_CONFIG_INVALID models/silver/x.sql:1:4 strategy 'replace' needs a unique_key → Add unique_key=['t', …].",
  ],
  [
    "{{ config(materialized='incremental', time_column='t', unique_key='k') }} select 1",
    "KX_CONFIG_INVALID models/silver/x.sql:1:4 unique_key does not hold the time_column 't' → Add 't' to unique_key.",
  ],
  [
    "{{ config(materialized='table', partition='day') }} select 1",
    "KX_CONFIG_INVALID models/silver/x.sql:1:4 a table has no partition → Drop partition, or set materialized='incremental'.",
  ],
  [
    'select {{ partition.start }}',
    "KX_CONFIG_INVALID models/silver/x.sql a view has no partitions, so partition means nothing in it → Set materialized='incremental', or drop it.",
  ],
  [
    "select * from {{ previous('1h') }}",
    "KX_CONFIG_INVALID models/silver/x.sql:1:18 a view has no partitions, so previous() means nothing in it → Set materialized='incremental'.",
  ],
  [
    `{{ is_incremental() }}{{ config(materialized='incremental', time_column='t', unique_key='t') }} select 1`,
    'KX_CONFIG_INVALID models/silver/x.sql:1:26 config() stands below is_incremental() → Move config() to the top of the file.',
  ],
  [
    `${incremental}\nselect '{{ partition.start }}'`,
    'KX_TEMPLATE_FAILED models/silver/x.sql:2:8 a bound of the partition stands in quotes → Drop the quotes: it is a timestamptz.',
  ],
  [
    `${incremental}\nselect {{ partition.key }}`,
    'KX_TEMPLATE_FAILED models/silver/x.sql:2:11 partition.key is not there → Correct the name, or use | default(…).',
  ],
  [
    'select $1',
    "KX_TEMPLATE_FAILED models/silver/x.sql:1:8 $1 is kx's to number → Use {{ partition.start }} or {{ partition.end }}.",
  ],
  [
    'select 1;\nselect 2',
    'KX_TEMPLATE_FAILED models/silver/x.sql:1:9 a semicolon stands inside the SQL → Write one select, without semicolons.',
  ],
  [
    'select *\nfrom {{ this }}',
    "KX_TEMPLATE_FAILED models/silver/x.sql:2:9 reading {{ this }} would go past the ledger → Read the model's own past with {{ previous('1h') }}.",
  ],
  [
    '{# nothing #}\n-- at all',
    'KX_TEMPLATE_FAILED models/silver/x.sql the template renders to no SQL → Write one select.',
  ],
  [
    "{{ exceptions.raise_compiler_error('no') }}",
    'KX_TEMPLATE_FAILED models/silver/x.sql:1:4 no → Do as it says.',
  ],
])('%s is refused', (sql, error) => {
  expect(errorOf({ 'models/silver/x.sql': sql, 'models/silver/trades.sql': 'select 1' })).toBe(error)
})

test('a model that is off is not there, and may not be read', () => {
  const off = { 'models/silver/off.sql': '{{ config(enabled=false) }} select 1' }

  expect(aRendering(off).models).toEqual([])
  expect(errorOf({ ...off, 'models/silver/x.sql': "select * from {{ ref('off') }}" })).toBe(
    "KX_REF_UNKNOWN models/silver/x.sql:1:18 ref('off') names a model that is not enabled → Set enabled=true in off, or switch this one off too.",
  )
})

test('two macros of one name are refused, and macros named like functions', () => {
  const one = '{% macro f() %}{% endmacro %}'

  expect(errorOf({ 'macros/a.sql': one, 'macros/b.sql': `\n${one}` })).toMatch(
    /^KX_NAME_TAKEN macros\/b.sql:2:10/,
  )
  expect(errorOf({ 'macros/a.sql': '{% macro ref() %}{% endmacro %}' })).toMatch(
    /^KX_NAME_TAKEN macros\/a.sql:1:10/,
  )
})

test('only renders what is asked for, and no tests', () => {
  const files = {
    'models/silver/a.sql': 'select 1',
    'models/silver/b.sql': '{{ broken',
    'tests/t.sql': 'select 1',
  }
  const { models, tests } = aRendering(files, { only: ['silver.a'] })

  expect([models.map(({ id }) => id), tests]).toEqual([['silver.a'], []])
})

const generic = {
  'models/silver/x.sql': 'select 1',
  'tests/generic/g.sql': `{% test not_null(model, column_name) %}
select * from {{ model }} where {{ column_name }} is null
{% endtest %}
{% test expression(model, expression, columns=[]) %}{{ config(severity='warn') }}select * from {{ model }} where not ({{ expression }}){% endtest %}`,
}
const column = (name: string, ...uses: string[]) => ({
  name,
  type: 'text',
  description: '',
  unit: undefined,
  isNullable: true,
  tests: uses.map((use) => aTestUse('models/silver/x.yml', use)),
})

test('a generic test is named for test, model and columns, and reads the model', () => {
  const contract = aContract('models/silver/x.yml', {
    columns: [column('a', 'not_null'), column('b', 'not_null', 'not_null')],
    tests: [aTestUse('models/silver/x.yml', 'expression', { _: 'a > 0', blocking: true, tags: ['t'] })],
  })
  const { tests } = aRendering(generic, { contracts: [contract] })

  expect(
    tests.map(({ id, severity, isBlocking, rendered }) => [id, severity, isBlocking, rendered.sql]),
  ).toEqual([
    ['tests.expression_x', 'warn', true, 'select * from x where not (a > 0)'],
    ['tests.not_null_x_a', 'error', false, 'select * from x where a is null'],
    ['tests.not_null_x_b', 'error', false, 'select * from x where b is null'],
    ['tests.not_null_x_b_2', 'error', false, 'select * from x where b is null'],
  ])
  expect(tests[0]).toMatchObject({
    model: 'silver.x',
    parents: ['silver.x'],
    tags: ['t'],
    testType: 'generic',
    fqn: ['silver', 'expression_x'],
  })
})

test('where leaves a test only the rows it names', () => {
  const tests = [
    aTestUse('models/silver/x.yml', 'expression', { expression: 'a > 0', where: "k = 'b'", name: 'mine' }),
  ]

  expect(
    aRendering(generic, { contracts: [aContract('models/silver/x.yml', { tests })] }).tests[0],
  ).toMatchObject({
    id: 'tests.mine',
    rendered: {
      sql: "with kx_rows as (select * from x where (k = 'b'))\n(\nselect * from kx_rows where not (a > 0)\n)",
    },
  })
})

test.each([
  ['not_nul', {}, "there is no test 'not_nul' → Did you mean not_null?"],
  ['not_null', {}, "the test not_null is for a column → Move it to a column's tests."],
  ['expression', {}, "the test expression needs 'expression' → Write { expression: { expression: … } }."],
  [
    'expression',
    { expresion: 'a' },
    "the test expression has no argument 'expresion' → Did you mean expression?",
  ],
])('the use of %s with %j is refused at its place', (name, args, error) => {
  const contracts = [
    aContract('models/silver/x.yml', { tests: [aTestUse('models/silver/x.yml', name, args)] }),
  ]

  expect(errorOf(generic, { contracts })).toBe(`KX_CONTRACT_INVALID models/silver/x.yml:7:5 ${error}`)
})

test('a singular test knows the only model it reads', () => {
  const files = {
    'models/silver/x.sql': 'select 1',
    'tests/a/bounds.sql': "{{ config(blocking=true) }}select * from {{ ref('x') }}",
  }

  expect(aRendering(files).tests).toMatchObject([
    { id: 'tests.bounds', fqn: ['a', 'bounds'], model: 'silver.x', isBlocking: true, testType: 'singular' },
  ])
})
