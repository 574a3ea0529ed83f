import { expect, test } from 'vitest'
import { formatPlace, isKxError } from '../../base/index.ts'
import { aProject } from '../../testing/a-project.ts'
import { readProject } from './index.ts'

const model = { 'models/silver/fact.sql': 'select 1' }

test.each([
  [
    'project.yml',
    'name: x\nsetle: 3m',
    "KX_PROJECT_INVALID project.yml:2:1 'setle' is no key here → Did you mean settle?",
  ],
  ['project.yml', 'settle: 3m', 'KX_PROJECT_INVALID project.yml:1:1 name is missing → Add name.'],
  [
    'project.yml',
    'name: x\nsettle: soon',
    'KX_PROJECT_INVALID project.yml:2:9 settle cannot be "soon" → Write a duration: 90s, 3m, 2h or 1d.',
  ],
  [
    'project.yml',
    'name: x\nbegin: 2024-02-30',
    'KX_PROJECT_INVALID project.yml:2:8 begin cannot be "2024-02-30" → Write a time: 2024-05-01, 2024-05-01T13 or 2024-05-01T13:30:00Z.',
  ],
  ['project.yml', 'name: x\n  a: b: c', /^KX_PROJECT_INVALID project.yml:1:7 this is not YAML: /],
  [
    'project.yml',
    'name: x\nname: y',
    'KX_PROJECT_INVALID project.yml:2:1 this is not YAML: Map keys must be unique → Correct it here.',
  ],
  [
    'project.yml',
    'name: x\nmodels:\n  silver:\n    +materialised: view',
    "KX_CONFIG_INVALID project.yml:4:5 'materialised' is no config of a model → Did you mean materialized?",
  ],
  [
    'project.yml',
    'name: x\nmodels:\n  sliver: { +tags: a }',
    "KX_PROJECT_INVALID project.yml models: in project.yml names 'sliver', and there is no such folder → Did you mean silver?",
  ],
  [
    'project.yml',
    'name: x\ntargets: { prod: { hots: db } }',
    "KX_PROJECT_INVALID project.yml:2:20 'hots' is no key of targets.prod → Did you mean host?",
  ],
  [
    'project.yml',
    'name: x\ncollect: { exchanges: { kraken: { ticks: { symbols: 5 } } } }',
    'KX_PROJECT_INVALID project.yml:2:53 collect.exchanges.kraken.ticks.symbols cannot be 5 → Write a text.',
  ],
  [
    'project.yml',
    'name: x\ncollect: { exchanges: { kraken: { ticks: { symbol: BTC/% } } } }',
    "KX_PROJECT_INVALID project.yml:2:44 'symbol' is no key of collect.exchanges.kraken.ticks → Did you mean symbols?",
  ],
  [
    'project.yml',
    'name: x\ncollect: { exchanges: { kraken: { ticks: all } } }',
    'KX_PROJECT_INVALID project.yml:2:42 collect.exchanges.kraken.ticks cannot be "all" → Write true or false, or a mapping.',
  ],
  [
    'project.yml',
    'name: x\ntarget: pord\ntargets: { prod: { host: db } }',
    "KX_TARGET_UNKNOWN project.yml there is no target 'pord' → Did you mean prod?",
  ],
  [
    'project.yml',
    'name: x\ntargets:\n  prod: { url: "{{ env_var(\'URL\') }}" }',
    "KX_VAR_MISSING project.yml:3:3 the environment has no URL → Set URL, or give a default: env_var('URL', '…').",
  ],
  [
    'project.yml',
    'name: x\ntargets:\n  prod: { host: db, schema_prefix: Dev-1 }',
    "KX_PROJECT_INVALID project.yml:3:3 schema_prefix cannot be 'Dev-1' → Use lower-case letters, digits and underscores: dev_anna_.",
  ],
  [
    'project.yml',
    `name: x\ntargets:\n  prod: { host: db, schema_prefix: ${'p'.repeat(58)} }`,
    "KX_PROJECT_INVALID project.yml:3:3 schema_prefix and 'silver' are longer than 63 characters → Shorten the prefix: PostgreSQL would cut the name of the schema.",
  ],
  ['project.yml', `name: x\ntargets:\n  prod: { host: db, schema_prefix: ${'p'.repeat(57)} }`, 'no error'],
  [
    'project.yml',
    'name: x\ninstruments:\n  rules: []',
    'KX_PROJECT_INVALID project.yml:3:10 rules for instruments are not known yet → List each instrument.',
  ],
  [
    'project.yml',
    'name: x\ninstruments:\n  - { exchange: kraken, native: A, symbol: btcusd, quote_asset: USD }',
    'KX_PROJECT_INVALID project.yml:3:44 instruments.0.symbol cannot be "btcusd" → Write it canonically: BTC-USD.',
  ],
  [
    'project.yml',
    'name: x\ninstruments:\n  - &a { exchange: kraken, native: A, symbol: A-USD, quote_asset: USD }\n  - *a',
    'KX_NAME_TAKEN project.yml:4:5 kraken A is listed twice at one time → Drop one of them, or end it with listed_to.',
  ],
  [
    'models/silver/fact.yml',
    'description: x\n---\ndescription: y',
    'KX_CONTRACT_INVALID models/silver/fact.yml:2:1 the file holds several documents → Keep one, without --- after it.',
  ],
  [
    'models/silver/fact.yml',
    'colums: {}',
    "KX_CONTRACT_INVALID models/silver/fact.yml:1:1 'colums' is no key here → Did you mean columns?",
  ],
  [
    'models/silver/fact.yml',
    'columns:\n  a: { typ: text }',
    'KX_CONTRACT_INVALID models/silver/fact.yml:2:6 columns.a.type is missing → Add type.',
  ],
  [
    'models/silver/fact.yml',
    'columns:\n  a: { type: text, uint: x }',
    "KX_CONTRACT_INVALID models/silver/fact.yml:2:20 'uint' is no key of columns.a → Did you mean unit?",
  ],
  [
    'models/silver/fact.yml',
    'config:\n  partition: week',
    'KX_CONFIG_INVALID models/silver/fact.yml:2:3 partition cannot be "week" → Use hour or day.',
  ],
  [
    'models/silver/fact.yml',
    'tests:\n  - { a: 1, b: 2 }',
    /^KX_CONTRACT_INVALID models\/silver\/fact.yml:2:5 tests.0 cannot be .* → Write the name of a test/,
  ],
  [
    'models/silver/fact.yml',
    'version: 2\nmodels: [{ name: fact }]',
    'KX_CONTRACT_INVALID models/silver/fact.yml:2:9 this is a contract of many models → Write one .yml beside each model.',
  ],
  [
    'models/silver/fcat.yml',
    'description: x',
    'KX_CONTRACT_INVALID models/silver/fcat.yml models/silver/fcat.yml has no model beside it → Rename it to models/silver/fact.yml.',
  ],
  [
    'models/bronze/native.yml',
    'time_column: t\ncolumns: { time: { type: text } }',
    "KX_CONTRACT_INVALID models/bronze/native.yml:1:14 there is no column 't' → Add t to columns, or correct the name.",
  ],
  [
    'models/gold/fact.sql',
    'select 1',
    'KX_NAME_TAKEN models/silver/fact.sql models/silver/fact.sql and models/gold/fact.sql have one name → Rename one of them: ref() finds models and seeds by name.',
  ],
  [
    'models/loose.sql',
    'select 1',
    'KX_PROJECT_INVALID models/loose.sql models/loose.sql lies in no folder that names its schema → Move it, for instance to models/silver/loose.sql.',
  ],
  [
    'models/silver/My-Model.sql',
    'select 1',
    "KX_PROJECT_INVALID models/silver/My-Model.sql 'My-Model' cannot name a table or schema → Use up to 63 lower-case letters, digits and underscores.",
  ],
  [
    'tests/unit/u.yml',
    'unit_tests:\n  - { name: a, model: fcat, expect: [] }',
    "KX_UNIT_TEST_INVALID tests/unit/u.yml:2:5 the unit test a tests 'fcat', which is no model → Did you mean fact?",
  ],
  [
    'tests/unit/u.yml',
    'unit_tests:\n  - { name: a, model: fact }',
    'KX_UNIT_TEST_INVALID tests/unit/u.yml:2:5 unit_tests.0.expect is missing → Add expect.',
  ],
  [
    'tests/unit/u.yml',
    'unit_tests:\n  - { name: a, model: fact, expect: [] }\n  - { name: a, model: fact, expect: [] }',
    'KX_NAME_TAKEN tests/unit/u.yml:3:5 the unit test a is already in tests/unit/u.yml → Rename one of them.',
  ],
  [
    'tests/unit/u.yml',
    'unit_tests:\n  - name: a\n    model: fact\n    expect:\n      csv: |\n        a,b\n        1',
    'KX_SEED_INVALID tests/unit/u.yml:7:1 the line has 1 fields, the header 2 → Quote fields that hold commas.',
  ],
  [
    'tests/unit/u.yml',
    'unit_tests:\n  - { name: a, model: fact, partition: noon, expect: [] }',
    /^KX_UNIT_TEST_INVALID tests\/unit\/u.yml:2:40 unit_tests.0.partition cannot be "noon"/,
  ],
])('%s that says %j is refused', async (file, text, error) => {
  const found = await errorOf({ ...model, [file]: text })

  if (error instanceof RegExp) expect(found).toMatch(error)
  else expect(found).toBe(error)
})

async function errorOf(
  files: Readonly<Record<string, string>>,
  env: Record<string, string> = {},
): Promise<string> {
  const { directory } = aProject(files)
  try {
    const project = await readProject(directory, { env })
    for (const target of project.targets) void [target.connection, target.schemaPrefix]
  } catch (error) {
    if (!isKxError(error)) throw error
    return `${error.code} ${error.at && formatPlace(error.at)} ${error.message} → ${error.hint}`
  }
  return 'no error'
}
