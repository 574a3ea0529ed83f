import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aLoadBench, krakenLines, type LoadBench, landingLine } from '../../testing/a-load.ts'
import { aCutProxy, type CutProxy, type Direction } from '../../testing/cut-proxy.ts'
import { openWarehouse } from '../../warehouse/index.ts'

const STATE = [
  'select count(*), count(distinct (landing_file, landing_line, interval_start)) from bronze.ohlcv_native',
  'select sum(rows) from kx.source_partition',
  'select sum(rows) from kx.load',
  'select landing_file, to_byte, rows, bad_lines from kx.load_file order by landing_file',
]
const AGREEMENT = `select
    (select count(*) from bronze.ohlcv_native) = all (array[
        (select coalesce(sum(rows), 0) from kx.source_partition), (select coalesce(sum(rows), 0) from kx.load)
    ]),
    (select count(*) = count(distinct (landing_file, landing_line, interval_start)) from bronze.ohlcv_native)`

/** Loads through a line that is cut before a message; gives whether the load got that far. */
async function loadUntilCut(
  bench: LoadBench,
  proxy: CutProxy,
  { isAgain, ...point }: { direction: Direction; before: number; isAgain: boolean },
): Promise<boolean> {
  proxy.arm(point)
  try {
    await using through = await openWarehouse(proxy.target, { poolSize: 1, applicationName: 'kx test' })
    await bench.load({ through, isAgain, chunkRows: 30 })
  } catch (error) {
    if (!proxy.isCut) throw error
  }
  return proxy.isCut
}

test.each(['toServer', 'toClient'] as const)(
  'a line cut before any message %s leaves data and ledger agreeing, and the next load finishes',
  async (direction) => {
    const bench = await aLoadBench()
    const proxy = await aCutProxy(bench.warehouse.target)
    const minutes = Array.from({ length: 40 }, (_, i) => i * 2)
    bench.write('XBTUSD_1.csv', `${krakenLines(minutes)}bad\n${krakenLines([90, 92])}`)
    bench.write('XDGEUR_1.csv', krakenLines([1, 2, 3]))
    bench.write('exchange=kraken/p.jsonl', Array.from({ length: 40 }, (_, i) => landingLine(i)).join(''))
    await bench.load()
    const expected = (await Promise.all(STATE.map(bench.rows))).flat()
    const letters = join(bench.directory, '.kx/dead-letters/XBTUSD_1.csv.jsonl')

    let before = 1
    for (let isCut = true; isCut; before++) {
      await bench.warehouse.query(
        'truncate bronze.ohlcv_native, kx.load, kx.load_file, kx.source_partition, kx.change; delete from bronze.instrument where not is_expected',
      )
      isCut = await loadUntilCut(bench, proxy, { direction, before, isAgain: false })
      expect(await bench.rows(AGREEMENT), `cut before message ${before}`).toEqual(['t t'])
      await bench.load()
      expect((await Promise.all(STATE.map(bench.rows))).flat(), `after message ${before}`).toEqual(expected)
      expect(readFileSync(letters, 'utf8').trim().split('\n'), `after message ${before}`).toHaveLength(1)
    }
    expect(before).toBeGreaterThan(20)
  },
  180_000,
)

test.each(['toServer', 'toClient'] as const)(
  'a file that is replaced keeps its old rows until all new ones are there (cut %s)',
  async (direction) => {
    const bench = await aLoadBench()
    const proxy = await aCutProxy(bench.warehouse.target)
    bench.write('XBTUSD_1.csv', krakenLines([1, 2, 70]))
    await bench.load()
    bench.write('XBTUSD_1.csv', krakenLines([1, 4]))

    for (let before = 1, isCut = true; isCut; before++) {
      isCut = await loadUntilCut(bench, proxy, { direction, before, isAgain: true })
      const rows = await bench.rows(
        'select count(*), (select sum(rows) from kx.source_partition) from bronze.ohlcv_native',
      )
      expect(['70 70', '4 4'], `cut before message ${before}`).toContain(rows[0])
    }
    expect(await bench.rows('select count(*) from bronze.ohlcv_native')).toEqual(['4'])
  },
  120_000,
)
