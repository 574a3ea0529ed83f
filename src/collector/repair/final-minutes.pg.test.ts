import { expect, test } from 'vitest'
import { aLoadBench, landingLine } from '../../testing/a-load.ts'
import { candleTable } from '../../testing/source-tables.ts'
import { readFinalMinutes } from './final-minutes-ledger.ts'

const at = (minute: number) => Date.UTC(2024, 4, 1) + minute * 60_000
const FOLDER = 'exchange=kraken/symbol=BTC-USD/interval_minutes=1/year=2024/month=05/day=01/hour=00'

test('minutes with a final row come as ranges; unfinished, foreign and doubled rows make none', async () => {
  const bench = await aLoadBench()
  const inUsdc = { native_symbol: 'BTC/USDC', quote_asset: 'USDC' }
  const lines = [
    ...[1, 2, 2, 3, 5].map((minute) => landingLine(minute)),
    landingLine(4, { is_final: false }),
    landingLine(3, { is_final: false }),
    landingLine(7, inUsdc),
    landingLine(8, { interval_seconds: '300' }),
    landingLine(30),
  ]
  bench.write(`${FOLDER}/part-c-b-1-0.jsonl`, lines.join(''))
  await bench.load()

  const range = { fromMs: at(0), toMs: at(30) }
  const found = await readFinalMinutes(bench.warehouse, candleTable, { range, exchanges: ['kraken'] })

  expect([...found]).toEqual([
    [
      'kraken BTC-USD USD',
      [
        { fromMs: at(1), toMs: at(4) },
        { fromMs: at(5), toMs: at(6) },
      ],
    ],
    ['kraken BTC-USD USDC', [{ fromMs: at(7), toMs: at(8) }]],
  ])
  expect(await readFinalMinutes(bench.warehouse, candleTable, { range, exchanges: ['binance_us'] })).toEqual(
    new Map(),
  )
})
