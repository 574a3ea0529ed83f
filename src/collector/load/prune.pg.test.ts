import { expect, test } from 'vitest'
import { aLoadBench, krakenLines } from '../../testing/a-load.ts'
import { candleTable } from '../../testing/source-tables.ts'
import { prune } from './prune.ts'

test('prune retires whole hours, marks them, and loading the file again does not bring them back', async () => {
  const bench = await aLoadBench()
  bench.write('XBTUSD_1.csv', krakenLines(Array.from({ length: 180 }, (_, i) => i)))
  await bench.load()
  const beforeMs = Date.UTC(2024, 4, 1, 2, 30)

  const events = []
  for await (const event of prune({ warehouse: bench.warehouse, tables: [candleTable], beforeMs }))
    events.push(event)
  for await (const event of prune({ warehouse: bench.warehouse, tables: [candleTable], beforeMs }))
    events.push(event)
  await bench.load()

  expect(events).toMatchObject([{ relation: 'bronze.ohlcv_native', hours: 2, rows: 120 }])
  expect(await bench.rows('select min(interval_start), count(*) from bronze.ohlcv_native')).toEqual([
    '2024-05-01 02:00:00+00 60',
  ])
  expect(await bench.rows('select rows, is_pruned from kx.source_partition order by hour')).toEqual([
    '0 t',
    '0 t',
    '60 f',
  ])
})
