import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { simulatedInstruments } from '../day/market.ts'
import { openMarket } from '../market/market.ts'
import { readCandleFiles } from './read-candles.ts'

const CANDLES = join(process.env.KX_TEST_DATA ?? resolve('../shared/data'), 'candles')
const areThere = existsSync(CANDLES)
if (!areThere)
  process.stderr.write(`SKIPPED: no real candles at ${CANDLES}; set KX_TEST_DATA to test with them\n`)

const instruments = simulatedInstruments.map(
  ({ priceDigits: _, startPrice: _p, tradesPerMinute: _t, ...one }) => ({
    ...one,
    aliases: one.nativeSymbol === 'BTC/USD' ? ['XBTUSD'] : [],
  }),
)

test('files of listed instruments are read, others are named', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kx-candles-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'XBTUSD_1.csv'), '1678449600,1,3,1,2,5.5,4\n1678449660,x\n')
  writeFileSync(join(directory, 'NOSUCH_1.csv'), '1678449600,1,3,1,2,5.5,4\n')
  writeFileSync(
    join(directory, 'binanceus_SOLUSDT.csv'),
    'open_time_ms,open,high,low,close,volume\n1678449600000,1,3,1,2,5.5\n',
  )
  writeFileSync(join(directory, 'notes.txt'), 'nothing\n')

  const { candles, skipped } = await readCandleFiles(['.'], { directory, instruments })

  expect([...candles].map(([{ nativeSymbol }, rows]) => `${nativeSymbol} ${rows.length}`).sort()).toEqual([
    'BTC/USD 1',
    'SOLUSDT 1',
  ])
  expect(skipped.map((line) => line.slice(directory.length + 1))).toEqual([
    'NOSUCH_1.csv: its name is that of no listed instrument',
    'notes.txt: not a candle file: neither landing JSONL nor CSV of candles',
  ])
})

test.skipIf(!areThere)('a market of real candles is those candles, number for number', async () => {
  const { candles } = await readCandleFiles([CANDLES], { directory: '.', instruments })
  const market = openMarket({ seed: 1, instruments, history: candles })

  expect([...candles.keys()].map(({ nativeSymbol }) => nativeSymbol).sort()).toEqual(['BTC/USD', 'BTCUSDT'])
  for (const [{ exchange, nativeSymbol }, rows] of candles) {
    const listing = market.find(exchange, nativeSymbol)
    if (listing === undefined) throw new Error(nativeSymbol)
    const spanMs = 36 * 3_600_000
    const fromMs = Math.ceil(Date.now() / spanMs) * spanMs
    const firstMs = Math.min(...rows.map(({ startMs }) => startMs))
    const truth = market.truth(listing, fromMs, fromMs + spanMs).filter(({ tradeCount }) => tradeCount > 0)
    const shown = [...rows].sort((a, b) => a.startMs - b.startMs).filter(({ volume }) => volume > 0)

    expect(
      truth.map(({ startMs, open, high, low, close, volume, tradeCount }) => [
        ...[startMs - fromMs, ...[open, high, low, close, volume].map(Number), tradeCount],
      ]),
    ).toEqual(
      shown.map(({ startMs, open, high, low, close, volume, tradeCount }) => [
        ...[startMs - firstMs, open, high, low, close, Number(volume.toFixed(8)), tradeCount],
      ]),
    )
  }
})
