import { expect, test } from 'vitest'
import { aRunner, HOURLY } from '../../testing/a-run.ts'
import { anIo } from '../../testing/an-io.ts'
import { pruneCommand } from './prune.ts'

test('for machines prune names what went and the sum, each with its type', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', 1],
  ])
  const { io, out } = anIo({ cwd: kx.directory, logFormat: 'json' })

  await pruneCommand(io, { before: '2024-05-01T01', yes: true })

  expect(out.map((line) => JSON.parse(line))).toEqual([
    {
      type: 'prune.pruned',
      relation: 'bronze.tick',
      range: '2024-05-01T00',
      hours: 1,
      rows: 1,
    },
    { type: 'prune.summary', hours: 1, rows: 1 },
  ])
})
