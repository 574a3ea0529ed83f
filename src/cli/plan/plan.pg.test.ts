import { expect, test } from 'vitest'
import { aRunner, HOURLY } from '../../testing/a-run.ts'
import { anIo } from '../../testing/an-io.ts'
import { planCommand } from './plan.ts'

test('for machines a plan is a line for each model and reason, shaped as the steps of a run', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', 1],
  ])
  const { io, out } = anIo({ cwd: kx.directory, logFormat: 'json' })

  await planCommand(io, {})

  expect(out.map((line) => JSON.parse(line))).toEqual([
    {
      ...{ type: 'plan', model: 'silver.hourly', range: '2024-05-01T00..2024-05-01T01' },
      ...{ partitions: 2, certainty: 'certain', reason: expect.any(String) },
    },
  ])
})
