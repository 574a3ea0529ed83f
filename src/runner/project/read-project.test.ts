import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aProject } from '../../testing/a-project.ts'
import { findProjectDirectory, readProject } from './index.ts'

const noEnv = { env: {} }
const model = { 'models/silver/fact.sql': 'select 1' }

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

test('anchors and merge keys of YAML are followed, and what is written beside them wins', async () => {
  const { directory } = aProject({
    'project.yml': 'name: x',
    ...model,
    'models/silver/fact.yml': `columns:
  a: &price { type: double precision, unit: quote }
  b: *price
  c: { <<: *price, unit: base }
  d: { unit: base, <<: [{ type: text }, *price] }
`,
  })
  const { contracts } = await readProject(directory, noEnv)

  const columns = contracts.get('models/silver/fact')?.columns
  expect(columns?.map(({ name, type, unit }) => `${name} ${type} ${unit}`)).toEqual([
    'a double precision quote',
    'b double precision quote',
    'c double precision base',
    'd text base',
  ])
})
