import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formatPlace, isKxError } from '../../base/index.ts'
import { aProject } from '../../testing/a-project.ts'
import { findProjectDirectory, readProject } from './index.ts'

const noEnv = { env: {} }
const model = { 'models/silver/fact.sql': 'select 1' }

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

test('a project is read whole, with defaults for what it does not say', async () => {
  const { directory } = aProject({
    'project.yml': `name: market
begin: 2024-05-01
settle: 90s
vars: { lookback: 3, big: 9007199254740993 }
models:
  +tags: all
  market:
    silver: { protected: true, hourly: { +settle: 1h } }
instruments:
  - { exchange: kraken, native: BTC/USD, symbol: BTC-USD, quote_asset: USD, listed_from: 2020-01-01, aliases: [XBTUSD] }
  - { exchange: gateio, native_symbol: BTC_USDT, symbol: BTC-USD, quote_asset: USDT, multiplier: 1000 }
aliases: { gateio: gate }
`,
    ...model,
    'models/silver/hourly/x.sql': 'select 1',
    'models/silver/.hidden.sql': 'no',
    'models/silver/notes.md': 'no',
    'models/silver/fact.yml': `
description: Facts.
config: { event_time: t, batch: 4 }
tags: a
columns:
  t: { type: timestamptz, description: Time., unit: utc, nullable: false, tests: [not_null, { accepted_values: [a, b] }] }
tests:
  - unique: { columns: [t] }
`,
    'models/bronze/native.yml': 'time_column: t\nkey_order: [t]\ncolumns: { t: { type: timestamptz } }\n',
    'seeds/rank.csv': 'a,b\r\n1,2\r\n',
    'macros/m.sql': '{# m #}',
    'tests/bounds.sql': 'select 1',
    'tests/generic/g.sql': 'select 2',
  })
  const project = await readProject(directory, noEnv)

  expect(project).toMatchObject({
    name: 'market',
    directory,
    beginMs: Date.UTC(2024, 4, 1),
    settleMs: 90_000,
    maxLagMs: 7_200_000,
    vars: { lookback: 3, big: '9007199254740993' },
    folderConfig: [
      { folder: ['silver', 'hourly'], config: { settle: '1h' } },
      { folder: ['silver'], config: { protected: true } },
      { folder: [], config: { tags: ['all'] } },
    ],
    targets: [{ name: 'dev', engine: 'embedded', schemaPrefix: '', sourcePrefix: '', connection: {} }],
    defaultTarget: 'dev',
    instruments: [
      {
        exchange: 'kraken',
        nativeSymbol: 'BTC/USD',
        multiplier: 1,
        marketType: 'spot',
        listedFromMs: Date.UTC(2020, 0, 1),
        aliases: ['XBTUSD'],
      },
      { exchange: 'gate', nativeSymbol: 'BTC_USDT', multiplier: 1000 },
    ],
    seeds: [{ file: 'seeds/rank.csv', text: 'a,b\n1,2\n' }],
    macros: [{ file: 'macros/m.sql' }],
    singularTests: [{ file: 'tests/bounds.sql' }],
    genericTests: [{ file: 'tests/generic/g.sql' }],
  })
  expect(project.models.map(({ file }) => file)).toEqual([
    'models/silver/fact.sql',
    'models/silver/hourly/x.sql',
  ])
  expect(project.contracts.get('models/silver/fact')).toMatchObject({
    description: 'Facts.',
    config: { time_column: 't', batch: 4 },
    tags: ['a'],
    tests: [
      {
        name: 'unique',
        args: { columns: ['t'] },
        at: { file: 'models/silver/fact.yml', line: 8, column: 5 },
      },
    ],
    columns: [
      {
        name: 't',
        isNullable: false,
        tests: [
          { name: 'not_null', args: {}, at: { line: 6 } },
          { name: 'accepted_values', args: { _: ['a', 'b'] }, at: { line: 6 } },
        ],
      },
    ],
  })
})

test('unit tests keep their rows exactly, from YAML and from CSV', async () => {
  const { directory } = aProject({
    ...model,
    'tests/unit/fact.yml': `unit_tests:
  - name: keeps
    model: fact
    partition: 2024-05-01T13
    given:
      - input: ref('x')
        rows:
          - { id: 9007199254740993, small: 1e-9, text: "007", none: null }
      - input: previous('1h')
        csv: |
          a,b
          1,
          "x, y",""
    expect:
      ordered: true
      rows: [{ a: 0.1 }]
  - { name: ranged, model: silver.fact, batch: 2024-05-01T13..2024-05-01T15, expect: [] }
`,
  })
  const { unitTests } = await readProject(directory, noEnv)

  expect(unitTests).toMatchObject([
    {
      name: 'keeps',
      partition: '2024-05-01T13',
      at: { file: 'tests/unit/fact.yml', line: 2, column: 5 },
      given: [
        {
          input: "ref('x')",
          rows: [{ id: '9007199254740993', small: 1e-9, text: '007', none: null }],
          at: { line: 6 },
        },
        {
          input: "previous('1h')",
          rows: [
            { a: '1', b: null },
            { a: 'x, y', b: '' },
          ],
        },
      ],
      expect: [{ a: 0.1 }],
      isOrdered: true,
    },
    { name: 'ranged', batch: '2024-05-01T13..2024-05-01T15', expect: [], isOrdered: false },
  ])
})

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

test('targets are resolved when they are used, and not before', async () => {
  const { directory } = aProject({
    'project.yml': `name: x
target: prod
targets:
  prod: { url: "{{ env_var('URL') }}" }
  anna: { host: db, port: 5433, schema_prefix: "dev_{{ env_var('WHO', 'anna') }}_" }
`,
  })
  const project = await readProject(directory, noEnv)
  const [dev, prod, anna] = project.targets

  expect([project.defaultTarget, dev?.name, prod?.engine]).toEqual(['prod', 'dev', 'server'])
  expect(anna).toMatchObject({ schemaPrefix: 'dev_anna_', connection: { host: 'db', port: '5433' } })
  expect(() => prod?.connection).toThrow(expect.objectContaining({ code: 'KX_VAR_MISSING' }))
  await expect(readProject(directory, { env: {}, targetOverride: 'ana' })).rejects.toMatchObject({
    hint: 'Did you mean anna?',
  })
  expect((await readProject(directory, { env: {}, targetOverride: 'anna' })).defaultTarget).toBe('anna')
})

test('what was read once comes from the cache, until the text changes', async () => {
  const { directory, write } = aProject({ ...model, 'models/silver/fact.yml': 'description: one' })
  const cache = join(directory, '.kx/cache/project.json')
  const description = async () =>
    (await readProject(directory, noEnv)).contracts.get('models/silver/fact')?.description
  expect(await description()).toBe('one')

  writeFileSync(cache, readFileSync(cache, 'utf8').replace('"one"', '"from the cache"'))
  expect(await description()).toBe('from the cache')

  write({ 'models/silver/fact.yml': 'description: two' })
  expect(await description()).toBe('two')

  writeFileSync(cache, '{ not json')
  expect(await description()).toBe('two')
  expect(JSON.parse(readFileSync(cache, 'utf8'))).toMatchObject({ entries: { 'project.yml': {} } })
})

test('a cache that cannot be written is done without, and holds no secrets', async () => {
  const blocked = aProject({ ...model, '.kx': 'a file' })
  expect((await readProject(blocked.directory, noEnv)).models).toHaveLength(1)

  const { directory } = aProject({
    'project.yml': `name: x\ntargets: { prod: { url: "{{ env_var('URL') }}" } }`,
  })
  const project = await readProject(directory, { env: { URL: 'postgres://anna:secret@db' } })
  expect(project.targets[1]?.connection.url).toContain('secret')
  expect(readFileSync(join(directory, '.kx/cache/project.json'), 'utf8')).not.toContain('secret')
})

test('a project is found from any folder inside it, and nowhere else', async () => {
  const { directory } = aProject(model)
  mkdirSync(join(directory, 'deep/er'), { recursive: true })

  expect(findProjectDirectory(join(directory, 'deep/er'))).toBe(directory)
  expect(() => findProjectDirectory('/')).toThrow(expect.objectContaining({ code: 'KX_PROJECT_NOT_FOUND' }))
  await expect(readProject(join(directory, 'deep'), noEnv)).rejects.toMatchObject({
    code: 'KX_PROJECT_NOT_FOUND',
  })
  expect(existsSync(join(directory, 'deep/.kx'))).toBe(false)
})
