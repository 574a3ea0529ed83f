import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { aProject } from '../../testing/a-project.ts'
import { anIo } from '../../testing/an-io.ts'
import { aDatabase } from '../../testing/database.ts'
import { aKrakenFrame } from '../../testing/frames.ts'
import { openWarehouse } from '../../warehouse/index.ts'
import { replayCommand } from './replay.ts'

const INSTRUMENTS = `
instruments:
  - { exchange: kraken, native_symbol: BTC/USD, symbol: BTC-USD, quote_asset: USD, multiplier: 10 }`

test("recorded frames come all the way into bronze, through the project's own landing", async () => {
  const target = await aDatabase()
  const frames = [aKrakenFrame([{ minute: 1 }, { minute: 3 }], { type: 'snapshot' }), 'broken']
  const { directory } = aProject(
    { 'frames.jsonl': frames.join('\n') },
    { targets: { test: target }, settings: INSTRUMENTS },
  )
  cpSync('models/bronze', join(directory, 'models/bronze'), { recursive: true })
  const { io, out } = anIo({ cwd: directory, logFormat: 'json' })

  const code = await replayCommand(io, ['frames.jsonl'], { exchange: 'kraken', load: true })

  const warehouse = await openWarehouse(target, { poolSize: 1, applicationName: 'kx test' })
  onTestFinished(() => warehouse[Symbol.asyncDispose]())
  await using session = await warehouse.session()
  const { rows } = await session.queryText(
    `select to_char(interval_start at time zone 'utc', 'HH24:MI'), coalesce(proof, '-'), close, row
     from bronze.ohlcv_native order by row`,
  )
  expect(code).toBe(0)
  expect(rows.map((row) => row.join(' '))).toEqual([
    '18:01 - 8575.47 0',
    '18:01 sent 8575.47 1',
    '18:02 silence 8575.47 2',
    '18:03 - 8575.47 3',
  ])
  expect(out.map((line) => JSON.parse(line)).find(({ type }) => type === 'replay.summary')).toMatchObject({
    landing: join(directory, '.kx/landing'),
    records: 4,
    dead_letters: 1,
  })
})
