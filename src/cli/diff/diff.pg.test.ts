import { expect, test } from 'vitest'
import { aProject } from '../../testing/a-project.ts'
import { aRunner, HOURLY, TICK_CONTRACT } from '../../testing/a-run.ts'
import { anIo } from '../../testing/an-io.ts'
import { type DiffOptions, diffCommand } from './diff.ts'

const FILES = { 'models/bronze/tick.yml': TICK_CONTRACT, 'models/silver/hourly.sql': HOURLY }

test('rows only here, only there and different are told apart, on two databases', async () => {
  const [here, there, directory] = await twoTargets()
  await here.feed([
    [0, 'a', 1],
    [0, 'b', 1],
    [1, 'c', 1],
    [2, 'd', 1],
  ])
  await there.feed([
    [0, 'a', 1],
    [0, 'b', 7],
    [1, 'x', 1],
  ])
  await here.run()
  await there.run()

  const { code, out } = await diff(directory, {})
  const firstHour = await diff(directory, { partition: '2024-05-01T00' })

  expect(code).toBe(1)
  expect(out).toEqual([
    'different  silver.hourly  1 row the same, 1 different, 2 only here (−), 1 only in there (+)',
    'different in value 1',
    '     hour_start              name  value',
    '  ≠  2024-05-01 00:00:00+00  b     1 ≠ 7',
    '  −  2024-05-01 01:00:00+00  c     1',
    '  −  2024-05-01 02:00:00+00  d     1',
    '  +  2024-05-01 01:00:00+00  x     1',
  ])
  expect(firstHour.out[0]).toBe(
    'different  silver.hourly  1 row the same, 1 different, 0 only here (−), 0 only in there (+)',
  )
})

test('equal rows exit 0, however many there are', async () => {
  const [here, there, directory] = await twoTargets()
  const rows = Array.from({ length: 5000 }, (_, i) => [i % 3, `name ${(i * 7919) % 5000} é😀`, i] as const)
  await here.feed(rows)
  await there.feed([...rows].reverse())
  await here.run()
  await there.run()

  expect(await diff(directory, {})).toEqual({
    code: 0,
    out: ['same  silver.hourly  5,000 rows the same, 0 different, 0 only here (−), 0 only in there (+)'],
  })
})

test('a target that does not have the model is an error that says what to do', async () => {
  const [here, , directory] = await twoTargets()
  await here.feed([[0, 'a', 1]])
  await here.run()

  await expect(diff(directory, {})).rejects.toMatchObject({
    code: 'KX_RELATION_MISSING',
    hint: 'Build it first: kx run --select hourly --target there',
  })
})

/** Two databases with the same project, and a project that knows both. */
async function twoTargets() {
  const here = await aRunner(FILES)
  const there = await aRunner(FILES)
  const { directory } = aProject(FILES, { targets: { here: here.target, there: there.target } })
  return [here, there, directory] as const
}

async function diff(directory: string, options: DiffOptions) {
  const { io, out } = anIo({ cwd: directory })
  const code = await diffCommand(io, 'hourly', { against: 'there', ...options })
  return { code, out }
}
