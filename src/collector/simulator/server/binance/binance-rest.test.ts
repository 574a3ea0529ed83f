import { describe, expect, test } from 'vitest'
import { aFastClock, aSimulator } from '../../../../testing/a-simulator.ts'
import type { Simulator } from '../index.ts'

const MINUTE_MS = 60_000

const get = (simulator: Simulator, path: string) => fetch(`${simulator.urls.binance_us.rest}/api/v3/${path}`)
const rowsOf = async (simulator: Simulator, query: string) =>
  (await (await get(simulator, `klines?symbol=DOTUSDT&interval=1m${query}`)).json()) as (string | number)[][]

test('klines are the truth, the running candle last and unmarked', async () => {
  const simulator = await aSimulator({ clock: aFastClock(1) })
  const runningMs = Math.floor(simulator.now() / MINUTE_MS) * MINUTE_MS

  const rows = await rowsOf(simulator, '&limit=1000')

  const truth = simulator.truthOf(
    { exchange: 'binance_us', nativeSymbol: 'DOTUSDT' },
    runningMs - 999 * MINUTE_MS,
    runningMs,
  )
  expect(rows.at(-1)?.[0]).toBe(runningMs)
  expect(rows.slice(0, -1).map((row) => row.slice(0, 9))).toEqual(
    truth.map((c) => [
      ...[
        c.startMs,
        c.open,
        c.high,
        c.low,
        c.close,
        c.volume,
        c.startMs + 59_999,
        c.quoteVolume,
        c.tradeCount,
      ],
    ]),
  )
  expect(rows.filter((row) => row[8] === 0).length).toBeGreaterThan(400)
  expect(rows.every((row) => row.length === 12)).toBe(true)
})

describe('the range of klines, by open time', () => {
  const startMs = Date.parse('2024-05-01T10:00:00Z')
  test.each([
    ['both ends are inclusive', `&startTime=${startMs}&endTime=${startMs + 2 * MINUTE_MS}`, [0, 1, 2]],
    ['the end is not, one ms before', `&startTime=${startMs}&endTime=${startMs + 2 * MINUTE_MS - 1}`, [0, 1]],
    [
      'a start inside a minute leaves it out',
      `&startTime=${startMs + 1}&endTime=${startMs + MINUTE_MS}`,
      [1],
    ],
    ['a start alone gives the first ones', `&startTime=${startMs}&limit=2`, [0, 1]],
    ['an end alone gives the last ones', `&endTime=${startMs}&limit=2`, [-1, 0]],
    ['the future is empty', `&startTime=${startMs + 86_400_000}`, []],
  ])('%s', async (_name, query, minutes) => {
    const simulator = await aSimulator({ clock: aFastClock(1) })

    const rows = await rowsOf(simulator, query)

    expect(rows.map(([start]) => (Number(start) - startMs) / MINUTE_MS)).toEqual(minutes)
  })

  test.each([
    ['', 500],
    ['&limit=5000', 1000],
  ])('%j gives %d rows', async (query, count) => {
    const simulator = await aSimulator({ clock: aFastClock(1) })

    expect(await rowsOf(simulator, query)).toHaveLength(count)
  })
})

test.each([
  ['klines?symbol=NOSUCH&interval=1m', 400, -1121],
  ['klines?symbol=BTCUSDT&interval=1z', 400, -1120],
  ['klines?symbol=BTCUSDT', 400, -1102],
  ['klines?interval=1m', 400, -1102],
  ['klines?symbol=BTCUSDT&interval=1m&startTime=x', 400, -1100],
  ['klines?symbol=BTCUSDT&interval=1m&limit=0', 400, -1130],
  ['ticker/24hr?symbol=btcusdt', 400, -1121],
  ['exchangeInfo?symbols=["BTCUSDT","NOSUCH"]', 400, -1121],
])('%s is HTTP %d with %d', async (path, status, code) => {
  const response = await get(await aSimulator(), path)

  expect([response.status, await response.json()]).toMatchObject([status, { code }])
})

test('the exchange tells its own time, in the header as well', async () => {
  const simulator = await aSimulator({ clock: aFastClock(1), skewMs: 3_600_000 })

  const response = await get(simulator, 'time')

  const { serverTime } = (await response.json()) as { serverTime: number }
  const header = Date.parse(response.headers.get('date') ?? '')
  expect(Math.abs(serverTime - simulator.now() - 3_600_000)).toBeLessThan(1000)
  expect(Math.abs(header - serverTime)).toBeLessThan(1000)
})

test('exchangeInfo lists what is simulated, with the limits', async () => {
  const simulator = await aSimulator()
  const info = (await (await get(simulator, 'exchangeInfo')).json()) as {
    rateLimits: unknown[]
    symbols: { symbol: string; status: string; baseAsset: string; quoteAsset: string }[]
  }

  expect(info.symbols.map(({ symbol }) => symbol)).toEqual([
    ...['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'LINKUSDT', 'DOTUSDT', 'PEPEUSDT'],
  ])
  expect(info.symbols[0]).toMatchObject({ status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDT' })
  expect(info.rateLimits).toContainEqual({
    rateLimitType: 'REQUEST_WEIGHT',
    interval: 'MINUTE',
    intervalNum: 1,
    limit: 1200,
  })
})

test('weight is counted by the minute, refused requests too; too much is 429, more of it 418', async () => {
  const simulator = await aSimulator({ clock: aFastClock(1, '2024-05-01T12:00:01Z') })
  const used = (response: Response) => Number(response.headers.get('x-mbx-used-weight-1m'))

  expect(used(await get(simulator, 'time'))).toBe(1)
  expect(used(await get(simulator, 'klines?symbol=NOSUCH&interval=1m'))).toBe(2)
  expect(used(await get(simulator, 'exchangeInfo'))).toBe(12)
  for (let request = 0; request < 29; request++) await get(simulator, 'ticker/24hr')
  const refused = await get(simulator, 'ticker/24hr')
  expect([refused.status, await refused.json()]).toMatchObject([429, { code: -1003 }])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30)
  for (let request = 0; request < 10; request++) await get(simulator, 'time')
  expect((await get(simulator, 'time')).status).toBe(418)
})
