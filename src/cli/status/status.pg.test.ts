import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aRunner, HOURLY } from '../../testing/a-run.ts'
import { anIo } from '../../testing/an-io.ts'
import { statusCommand } from './status.ts'

test('for machines status is a line for each model, with what is behind, and for each table without one', async () => {
  const kx = await aRunner({ 'models/silver/gone.sql': HOURLY, 'models/silver/hourly.sql': HOURLY })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  rmSync(join(kx.directory, 'models', 'silver', 'gone.sql'))
  await kx.feed([
    [0, 'b', 1],
    [1, 'a', 1],
  ])
  const { io, out } = anIo({ cwd: kx.directory, logFormat: 'json' })

  await statusCommand(io, {})

  expect(out).toEqual([
    '{"type":"model","model":"silver.hourly","counts":{"current":0,"stale":1,"missing":1},' +
      '"behind":[{"partition":"2024-05-01T00","state":"stale"},{"partition":"2024-05-01T01","state":"missing"}]}',
    '{"type":"orphan","model":"silver.gone"}',
  ])
})
