import { expect, test } from 'vitest'
import { aRunner, HOURLY, type Runner } from '../../testing/a-run.ts'
import { anIo } from '../../testing/an-io.ts'
import { type TestOptions, testCommand } from './test.ts'

const POSITIVE = `{{ config(severity='error') }}
select hour_start, name, value
from {{ ref('hourly') }}
where value <= 0`

const NOT_NULL = `{% test not_null(model, column_name) %}
select * from {{ model }} where {{ column_name }} is null
{% endtest %}`

test('an assertion names the hours and rows that are wrong, and asks again only what moved', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'tests/positive.sql': POSITIVE })
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', -1],
    [1, 'b', -2],
    [30, 'a', 3],
  ])
  await kx.run()

  const first = await runTests(kx)
  const second = await runTests(kx)
  await kx.feed([
    [1.5, 'a', 5],
    [1.5, 'b', 5],
  ])
  await kx.run()
  const third = await runTests(kx)
  const fourth = await runTests(kx)

  expect(first).toMatchObject({ code: 1, err: [] })
  expect(first.out).toEqual([
    'fail  positive  31 hours  2 wrong rows in 2024-05-01T01  ',
    '      tests/positive.sql:1:1',
    '        hour_start              name  value',
    '        2024-05-01 01:00:00+00  a     -1',
    '        2024-05-01 01:00:00+00  b     -2',
    '      → Correct silver.hourly or its sources, then kx run; --store-failures keeps the rows in kx_audit.positive.',
    '0 tests passed, 1 failed in ',
  ])
  expect(second.out[0]).toBe('fail  positive  1 hour  2 wrong rows in 2024-05-01T01  ')
  expect(third).toMatchObject({ code: 0, out: ['pass  positive  1 hour  ', '1 test passed in '] })
  expect(fourth).toMatchObject({
    code: 0,
    out: ['nothing to test: 1 assertion passed on every hour there is'],
  })
})

test('where no hour is built, none passed', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'tests/positive.sql': POSITIVE })
  await kx.feed([[0, 'a', 1]])
  const none = ['nothing to test: no hour of 1 assertion is built there']

  expect((await runTests(kx)).out).toEqual(none)
  await kx.run()
  expect((await runTests(kx, { partition: '2030-01-01' })).out).toEqual(none)
})

test('the summary for machines has the same keys where nothing is tested', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'tests/positive.sql': POSITIVE })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  const keys = async () => {
    const recorded = anIo({ cwd: kx.directory, logFormat: 'json' })
    await testCommand(recorded.io, {})
    return Object.keys(JSON.parse(recorded.out.at(-1) ?? '{}'))
  }

  expect(await keys()).toEqual(await keys())
})

test('only the hours asked for are read, whatever passed before', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'tests/positive.sql': POSITIVE })
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', -1],
    [2, 'a', 1],
  ])
  await kx.run({ partition: '2024-05-01T00..2024-05-01T01' })

  const good = await runTests(kx, { partition: '2024-05-01T00' })
  const bad = await runTests(kx, { partition: '2024-05-01T00..2024-05-01T01' })
  const unbuilt = await runTests(kx, { partition: '2024-05-01T02' })

  expect(good).toMatchObject({ code: 0, out: ['pass  positive  1 hour  ', '1 test passed in '] })
  expect(bad.out[0]).toBe('fail  positive  2 hours  1 wrong row in 2024-05-01T01  ')
  expect(unbuilt.err).toEqual([
    'warning: silver.hourly: 1 partition not built, so not tested: run kx run first',
  ])
})

test('every hour is asked by itself: a count that an empty hour misses is not hidden by its neighbours', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'tests/enough.sql': `select count(*) as rows from {{ ref('hourly') }} having count(*) < 1`,
  })
  await kx.feed([
    [0, 'a', 1],
    [2, 'a', 1],
  ])
  await kx.run()

  const { out } = await runTests(kx)

  expect(out[0]).toBe('fail  enough  3 hours  1 wrong row in 2024-05-01T01  ')
})

test('a warning exits 0, and failing rows are kept where asked', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'tests/positive.sql': POSITIVE.replace('error', 'warn'),
  })
  await kx.feed([[0, 'a', -1]])
  await kx.run()

  const { code, out } = await runTests(kx, { storeFailures: true })

  expect(code).toBe(0)
  expect(out[0]).toBe('warn  positive  1 hour  1 wrong row in 2024-05-01T00  ')
  expect(await kx.rows("select row->>'name', row->>'value' from kx_audit.positive")).toEqual(['a -1'])
})

test('an assertion whose SQL fails points at its line, and the others are run', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'tests/broken.sql': `select *\nfrom {{ ref('hourly') }}\nwhere valeu > 0 and hour_start < {{ partition.end }}`,
    'tests/positive.sql': POSITIVE,
  })
  await kx.feed([[0, 'a', 1]])
  await kx.run()

  const { code, out, err } = await runTests(kx)

  expect(code).toBe(1)
  expect(out.sort()).toEqual([
    '1 test passed, 1 could not be run in ',
    'error broken    1 hour  ',
    'pass  positive  1 hour  ',
  ])
  expect(err[0]).toBe('error KX_SQL_FAILED tests/broken.sql:3:7')
})

test('what has no partitions is tested once, and again when it moved', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'models/marts/names.sql': `{{ config(materialized='table') }}\nselect distinct name from {{ ref('hourly') }}`,
    'models/marts/names.yml':
      'description: Names.\ncolumns:\n  name: { type: text, description: Name., tests: [not_null] }',
    'tests/generic/not_null.sql': NOT_NULL,
  })
  await kx.feed([[0, 'a', 1]])
  await kx.run()

  const first = await runTests(kx)
  const second = await runTests(kx)
  await kx.feed([[1, 'b', 1]])
  await kx.run()
  const third = await runTests(kx)

  expect(first.out).toEqual(['pass  not_null_names_name  once  ', '1 test passed in '])
  expect(second.out[0]).toMatch('nothing to test')
  expect(third.out[0]).toBe('pass  not_null_names_name  once  ')
})

test('JSON gives one line for each test', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'tests/positive.sql': POSITIVE })
  await kx.feed([[1, 'a', -1]])
  await kx.run()

  const { out } = await runTests(kx, {}, 'json')

  expect(out.map((line) => JSON.parse(line))).toMatchObject([
    {
      type: 'assertion',
      name: 'positive',
      model: 'silver.hourly',
      status: 'fail',
      partitions: 1,
      failures: 1,
      failed_in: ['2024-05-01T01'],
      rows: [{ hour_start: '2024-05-01 01:00:00+00', name: 'a', value: '-1' }],
    },
    { type: 'summary', passed: 0, failed: 1 },
  ])
})

test('nothing selected warns, and is an error with --strict', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })

  const { code, err } = await runTests(kx)

  expect(code).toBe(0)
  expect(err).toEqual(['warning: no test is selected'])
  await expect(runTests(kx, { strict: true })).rejects.toMatchObject({ code: 'KX_SELECT_EMPTY' })
})

/** Runs `kx test`; durations are cut from the lines. */
async function runTests(kx: Runner, options: TestOptions = {}, logFormat: 'text' | 'json' = 'text') {
  const { io, out, err } = anIo({ cwd: kx.directory, logFormat })
  const code = await testCommand(io, { threads: '2', ...options })
  return { code, out: out.map((line) => line.replace(/[\d.]+ m?s$/, '')), err }
}
