import { describe, expect, test } from 'vitest'
import { aFastClock, aSimulator } from '../../../../testing/a-simulator.ts'
import type { Simulator } from '../index.ts'

const MINUTE_MS = 60_000

async function get(simulator: Simulator, path: string) {
  const response = await fetch(`${simulator.urls.kraken.rest}/0/public/${path}`)
  expect(response.status).toBe(200)
  return (await response.json()) as { error: string[]; result: Record<string, never> }
}

test('OHLC is the truth: 719 minutes that are over, and the running one', async () => {
  const simulator = await aSimulator({ clock: aFastClock(1) })
  const { error, result } = await get(simulator, 'OHLC?pair=DOTUSD&interval=1')

  const rows = result.DOTUSD as unknown as (string | number)[][]
  const truth = simulator.truthOf(
    { exchange: 'kraken', nativeSymbol: 'DOT/USD' },
    Number(rows[0]?.[0]) * 1000,
    Number(rows.at(-1)?.[0]) * 1000,
  )
  expect(error).toEqual([])
  expect(rows).toHaveLength(720)
  expect(Number(rows.at(-1)?.[0]) * 1000).toBe(Math.floor(simulator.now() / MINUTE_MS) * MINUTE_MS)
  expect(Number(result.last)).toBe(Number(rows.at(-1)?.[0]) - 60)
  expect(rows.slice(0, -1)).toEqual(
    truth.map((c) => [c.startMs / 1000, c.open, c.high, c.low, c.close, c.vwap, c.volume, c.tradeCount]),
  )
  const quiet = rows.find((row) => row[7] === 0)
  expect(quiet?.slice(5)).toEqual(['0.0', '0.00000000', 0])
})

test('since is exclusive, and the running minute is always there', async () => {
  const simulator = await aSimulator({ clock: aFastClock(1) })
  const running = Math.floor(simulator.now() / MINUTE_MS) * 60
  const starts = async (since: number) =>
    (((await get(simulator, `OHLC?pair=XBTUSD&since=${since}`)).result.XXBTZUSD ?? []) as number[][]).map(
      ([start]) => start,
    )

  expect(await starts(running - 180)).toEqual([running - 120, running - 60, running])
  expect(await starts(running - 181)).toEqual([running - 180, running - 120, running - 60, running])
  expect(await starts(running)).toEqual([running])
  expect(await starts(0)).toHaveLength(720)
})

describe('names', () => {
  test.each([
    ['OHLC', 'XBTUSD', 'XXBTZUSD'],
    ['OHLC', 'XXBTZUSD', 'XXBTZUSD'],
    ['OHLC', 'BTC/USD', 'BTC/USD'],
    ['AssetPairs', 'ETHUSD', 'XETHZUSD'],
    ['AssetPairs', 'ETH/USD', 'ETH/USD'],
    ['Ticker', 'SOLUSD', 'SOLUSD'],
    ['Trades', 'BTC/USD', 'BTC/USD'],
  ])('%s of %s stands under %s', async (call, pair, key) => {
    const simulator = await aSimulator()

    const { result } = await get(simulator, `${call}?pair=${encodeURIComponent(pair)}`)

    expect(Object.keys(result).filter((name) => name !== 'last')).toEqual([key])
  })

  test('AssetPairs and Assets say what belongs together', async () => {
    const simulator = await aSimulator()

    expect((await get(simulator, 'AssetPairs')).result.XXBTZUSD).toMatchObject({
      altname: 'XBTUSD',
      wsname: 'XBT/USD',
      base: 'XXBT',
      quote: 'ZUSD',
      status: 'online',
      tick_size: '0.1',
    })
    expect((await get(simulator, 'Assets')).result).toMatchObject({
      XXBT: { altname: 'XBT' },
      ZUSD: { altname: 'USD' },
      SOL: { altname: 'SOL' },
    })
  })
})

test.each([
  ['OHLC?pair=NOSUCH', 'EQuery:Unknown asset pair'],
  ['OHLC', 'EGeneral:Invalid arguments'],
  ['OHLC?pair=XBTUSD&interval=7', 'EGeneral:Invalid arguments:interval'],
  ['AssetPairs?pair=XBTUSD,NOSUCH', 'EQuery:Unknown asset pair'],
  ['Nothing', 'EGeneral:Unknown method'],
])('%s is HTTP 200 with %s', async (path, error) => {
  const simulator = await aSimulator()

  expect(await get(simulator, path)).toEqual({ error: [error] })
})

test('the sixteenth call at once is too many', async () => {
  const simulator = await aSimulator({ clock: aFastClock(1) })
  const answers = await Promise.all(Array.from({ length: 16 }, () => get(simulator, 'Time')))

  expect(answers.flatMap(({ error }) => error)).toEqual(['EGeneral:Too many requests'])
})

/** `[price, volume, time, side, type, misc, id]` */
type Row = [string, string, number, string, string, string, number]

test('Trades, page after page, add up to the candles; each page begins with the last trade of the one before', async () => {
  const simulator = await aSimulator({ clock: aFastClock(1), isLimited: false })
  const fromMs = Math.floor(simulator.now() / MINUTE_MS) * MINUTE_MS - 90 * MINUTE_MS
  const trades = new Map<number, Row>()
  let [since, repeats, pages] = [`${fromMs}000000`, 0, 0]
  for (let isMore = true; isMore; pages++) {
    const { result } = await get(simulator, `Trades?pair=XBTUSD&since=${since}&count=1000`)
    const rows = result.XXBTZUSD as unknown as Row[]
    for (const row of rows) {
      if (trades.has(row[6])) repeats++
      trades.set(row[6], row)
    }
    isMore = rows.length > 1
    since = String(result.last)
  }

  const truth = simulator.truthOf(
    { exchange: 'kraken', nativeSymbol: 'BTC/USD' },
    fromMs,
    fromMs + 90 * MINUTE_MS,
  )
  const inMinute = (startMs: number) =>
    [...trades.values()].filter(([, , at]) => Math.floor(at / 60) * MINUTE_MS === startMs)
  const made = truth.map(({ startMs }) => {
    const rows = inMinute(startMs)
    const prices = rows.map(([price]) => Number(price))
    const volume = rows.reduce((sum, row) => sum + BigInt(row[1].replace('.', '')), 0n)
    return [prices[0], Math.max(...prices), Math.min(...prices), prices.at(-1), volume, rows.length]
  })

  expect(pages).toBeGreaterThan(3)
  expect(repeats).toBe(pages - 1)
  expect(made).toEqual(
    truth.map((c) => [
      ...[c.open, c.high, c.low, c.close].map(Number),
      BigInt(c.volume.replace('.', '')),
      c.tradeCount,
    ]),
  )
})

test('Trades without since are the newest ones', async () => {
  const simulator = await aSimulator({ clock: aFastClock(1) })

  const { result } = await get(simulator, 'Trades?pair=XBTUSD&count=5')

  const rows = result.XXBTZUSD as unknown as Row[]
  expect(rows).toHaveLength(5)
  expect(simulator.now() / 1000 - (rows.at(-1)?.[2] ?? 0)).toBeLessThan(60)
  expect(String(result.last)).toMatch(/^\d{19}$/)
})
