import { expect, test } from 'vitest'
import { aRunner, HOURLY, type Runner } from '../../testing/a-run.ts'
import { anIo } from '../../testing/an-io.ts'
import { type TestOptions, testCommand } from './test.ts'

const SUMS = `unit_tests:
  - name: sums
    model: hourly
    partition: 2024-05-01T13
    given:
      - input: source('bronze', 'tick')
        rows:
          - { at: 2024-05-01T13:59:59Z, name: a, value: 0.1 }
          - { at: 2024-05-01T13:00:00Z, name: a, value: 0.2 }
          - { at: 2024-05-01T14:00:00Z, name: a, value: 5 }
          - { at: 2024-05-01T12:59:59Z, name: a, value: 5 }
    expect:
      - { hour_start: 2024-05-01T13:00:00Z, name: a, value: 0.30000000000000004 }
`

test('given rows are typed, cut to the hour as in production, and compared exactly', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'tests/unit/hourly.yml': SUMS })

  const { code, out } = await unitTests(kx)

  expect(out).toEqual(['pass  silver.hourly: sums  unit test  ', '1 test passed in '])
  expect(code).toBe(0)
  expect(await kx.rows("select count(*) from pg_class where relname = 'hourly'")).toEqual(['0'])
})

test('a failure shows missing and unexpected rows, and the cells that differ', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'tests/unit/hourly.yml': `unit_tests:
  - name: wrong
    model: hourly
    partition: 2024-05-01T13
    given:
      - input: source('bronze', 'tick')
        rows:
          - { at: 2024-05-01T13:00:00Z, name: a, value: 1 }
          - { at: 2024-05-01T13:00:00Z, name: b, value: 2 }
    expect:
      - { hour_start: 2024-05-01T13:00:00Z, name: a, value: 3.5 }
      - { hour_start: 2024-05-01T14:00:00Z, name: c, value: 9 }
`,
  })

  const { code, out } = await unitTests(kx)

  expect(code).toBe(1)
  expect(out).toEqual([
    'fail  silver.hourly: wrong  unit test  ',
    '      tests/unit/hourly.yml:2:5',
    '        1 row differs (expected → actual), 1 missing, 1 unexpected',
    '           hour_start              name  value',
    '        ≠  2024-05-01 13:00:00+00  a     3.5 → 1',
    '        −  2024-05-01 14:00:00+00  c     9',
    '        +  2024-05-01 13:00:00+00  b     2',
    '      → Correct silver.hourly, or what the test expects.',
    '0 tests passed, 1 failed in ',
  ])
})

test('its own past, views and ephemerals on the way, whole numbers, vars, order and empty results', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'models/silver/named.sql': `{{ config(materialized='ephemeral') }}
select * from {{ ref('hourly') }} where name <> '{{ var("skip", "none") }}'`,
    'models/gold/running.sql': `{{ config(materialized='incremental', time_column='hour_start', unique_key=['hour_start', 'name']) }}
select now.hour_start, now.name, now.value + coalesce(past.total, 0) as total
from {{ ref('named') }} as now
left join {{ previous('1h') }} as past using (name)
order by now.name desc`,
    'models/gold/running.yml': `description: Running totals.
columns:
  hour_start: { type: timestamptz, description: Hour. }
  name: { type: text, description: Name. }
  total: { type: double precision, description: Sum so far. }
`,
    'tests/unit/running.yml': `unit_tests:
  - name: adds to the hour before
    model: gold.running
    partition: 2024-05-01T13
    given:
      - input: ref('hourly')
        rows:
          - { hour_start: 2024-05-01T13:00:00Z, name: a, value: 1 }
          - { hour_start: 2024-05-01T13:00:00Z, name: b, value: 2 }
      - input: previous('1h')
        rows:
          - { hour_start: 2024-05-01T12:00:00Z, name: a, total: 10 }
          - { hour_start: 2024-05-01T11:00:00Z, name: b, total: 10 }
    expect:
      ordered: true
      rows:
        - { name: b, total: 2 }
        - { name: a, total: 11.0 }
  - name: skips a name
    model: running
    partition: 2024-05-01T13
    vars: { skip: a }
    given:
      - input: ref('hourly')
        rows: [{ hour_start: 2024-05-01T13:00:00Z, name: a, value: 1 }]
    expect: []
`,
  })

  const { out } = await unitTests(kx)

  expect(out).toEqual([
    'pass  gold.running: adds to the hour before  unit test  ',
    'pass  gold.running: skips a name             unit test  ',
    '2 tests passed in ',
  ])
})

test('rows outside the hour and keys that repeat fail as they would in a run', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY.replace("date_trunc('hour', at)", "at + interval '1 hour'").replace(
      'group by 1, 2',
      'group by at, name',
    ),
    'tests/unit/hourly.yml': SUMS.replace(/expect:[\s\S]*/, 'expect: [{ name: a }, { name: a }]\n'),
  })

  const { code, out } = await unitTests(kx)

  expect(code).toBe(1)
  expect(out[2]).toBe('        2 rows lie outside the hours that are built')
})

test.each([
  [
    'an unknown model',
    ['model: hourly', 'model: hourl'],
    "'hourl', which is no model",
    'Did you mean hourly?',
  ],
  [
    'an unknown input',
    ["source('bronze', 'tick')", "source('bronze', 'tik')"],
    "does not read source('bronze', 'tik')",
    "Did you mean source('bronze', 'tick')?",
  ],
  ['an unknown given column', ['value: 0.1', 'valeu: 0.1'], "no column 'valeu'", 'Did you mean value?'],
  [
    'a day for an hour',
    ['2024-05-01T13\n', '2024-05-01\n'],
    'is not one hour',
    'Write partition: 2024-05-01T13',
  ],
])('%s is an error at its place', async (_, [from = '', to = ''], message, hint) => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'tests/unit/hourly.yml': SUMS.replace(from, to),
  })

  const error = await unitTests(kx).catch((thrown: unknown) => thrown)

  expect(error).toMatchObject({
    code: 'KX_UNIT_TEST_INVALID',
    message: expect.stringContaining(message),
    hint: expect.stringContaining(hint),
    at: { file: 'tests/unit/hourly.yml', line: expect.any(Number), column: expect.any(Number) },
  })
})

test('JSON, lists and texts are given and expected alike', async () => {
  const columns = `columns:
  id: { type: integer }
  list: { type: 'integer[]' }
  doc: { type: jsonb }
  raw: { type: json }
`
  const kx = await aRunner({
    'models/silver/seen.sql':
      "{{ config(materialized='table') }}\nselect 1 as id, array[1] as list, '1'::jsonb as doc, '1'::json as raw",
    'models/silver/seen.yml': columns,
    'models/silver/copy.sql':
      "{{ config(materialized='table') }}\nselect id, list, doc, raw, doc ->> 'a' as a from {{ ref('seen') }}",
    'models/silver/copy.yml': `${columns}  a: { type: text }\n`,
    'tests/unit/copy.yml': `unit_tests:
  - name: alike
    model: copy
    given:
      - input: ref('seen')
        rows:
          - { id: 1, list: [1, null], doc: { a: x, b: [1] }, raw: { a: [1, null] } }
          - { id: 2, list: [], doc: '{"a": "y"}', raw: '{"a": 1}' }
          - { id: 3, doc: plain, raw: plain }
    expect:
      - { id: 1, list: [1, null], doc: { b: [1], a: x }, raw: { a: [1, null] }, a: x }
      - { id: 2, list: [], doc: '{"a":"y"}', raw: '{"a": 1}', a: y }
      - { id: 3, list: null, doc: plain, raw: plain, a: null }
`,
  })

  const { out } = await unitTests(kx)

  expect(out).toEqual(['pass  silver.copy: alike  unit test  ', '1 test passed in '])
})

test('SQL that fails on given rows points into the model', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY.replace('name, sum', 'nmae, sum'),
    'tests/unit/hourly.yml': SUMS,
  })

  const { code, err } = await unitTests(kx)

  expect(code).toBe(1)
  expect(err[0]).toBe('error KX_SQL_FAILED models/silver/hourly.sql:2:46')
})

test('selectors choose unit tests by type, model and name', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'tests/unit/hourly.yml': SUMS,
    'tests/positive.sql': "select * from {{ ref('hourly') }} where value <= 0",
  })
  const count = async (...select: string[]) => (await unitTests(kx, { select })).out.at(-1)

  expect(await count('test_type:unit')).toBe('1 test passed in ')
  expect(await count('resource_type:unit_test')).toBe('1 test passed in ')
  expect(await count('hourly')).toBe('1 test passed in ')
  expect(await count('sums')).toBe('1 test passed in ')
  expect((await unitTests(kx, { select: ['test_type:data'] })).out).toEqual([
    'nothing to test: 1 assertion passed on every hour there is',
  ])
})

/** Runs `kx test`; durations are cut from the lines. */
async function unitTests(kx: Runner, options: TestOptions = {}) {
  const { io, out, err } = anIo({ cwd: kx.directory })
  const code = await testCommand(io, { threads: '2', ...options })
  return { code, out: out.map((line) => line.replace(/[\d.]+ m?s$/, '')), err }
}
