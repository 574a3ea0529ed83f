import { expect, test } from 'vitest'
import { systemClock } from '../../base/index.ts'
import { aRestMarket, type RestMarketOptions } from '../../testing/a-rest-market.ts'
import type { Broker } from '../broker/broker.ts'
import { createRestClient } from '../broker/rest-client.ts'
import { mapperOf } from '../exchange/index.ts'
import { createHadTrades } from './had-trades.ts'

const NOON = Date.UTC(2024, 4, 1, 12) / 60_000
const now = () => NOON * 60_000 + 30_000
const noBroker: Broker = { grant: async () => undefined, report: () => undefined }

/** Asks of a market that traded in these minutes alone, counted from noon. */
async function aQuestion(traded: readonly number[], options: Partial<RestMarketOptions> = {}) {
  const tradesIn = (minute: number) => (traded.includes(minute - NOON) ? 2 : 0)
  const market = await aRestMarket({ now, symbols: ['BTC/USD', 'BTCUSDT'], tradesIn, ...options })
  const exchanges = ['kraken', 'binance_us'].flatMap((exchange) => {
    const mapper = mapperOf(exchange)
    return mapper ? [{ mapper, restUrl: market.url }] : []
  })
  const had = createHadTrades(exchanges, createRestClient({ broker: noBroker, clock: systemClock }))
  const about = (exchange: string, sinceMinute: number, symbol?: string) => ({
    exchange,
    nativeSymbol: symbol ?? (exchange === 'kraken' ? 'BTC/USD' : 'BTCUSDT'),
    sinceMs: (NOON + sinceMinute) * 60_000,
  })
  const ask = async (...what: Parameters<typeof about>) =>
    (await had({ ...about(...what), held: undefined }))?.hadTrades
  /** Whether all is held by a row of that minute with so many trades. */
  const isAllHeld = async (exchange: string, minute: number, trades: number) => {
    const held = { startMs: (NOON + minute) * 60_000, volume: '1', tradeCount: `${trades}` }
    return await had({ ...about(exchange, minute + 0.9), held })
  }
  return { ask, isAllHeld }
}

test.each(['kraken', 'binance_us'])('%s had trades if a minute since then has some', async (exchange) => {
  const { ask } = await aQuestion([-5])

  expect(await ask(exchange, -6)).toBe(true)
  expect(await ask(exchange, -5)).toBe(true)
  // What was traded in the minute that was under way is no news.
  expect(await ask(exchange, -4.5)).toBe(false)
  expect(await ask(exchange, -4)).toBe(false)
})

test('the minute that runs counts too', async () => {
  const { ask } = await aQuestion([0])

  expect(await ask('kraken', -3)).toBe(true)
})

test('it cannot be told of an exchange that is away, a symbol it does not know, or an exchange kx does not', async () => {
  const { ask } = await aQuestion([], {
    fault: (_, response) => {
      response.writeHead(503).end()
      return true
    },
  })
  const { ask: askOther } = await aQuestion([])

  expect(await ask('kraken', -3)).toBeUndefined()
  expect(await askOther('kraken', -3, 'LUNA/USD')).toBeUndefined()
  expect(await askOther('gate', -3)).toBeUndefined()
})

test.each(['kraken', 'binance_us'])(
  '%s is asked whether the minute of the row held went on',
  async (exchange) => {
    const { isAllHeld } = await aQuestion([-5, -9])

    expect(await isAllHeld(exchange, -5, 2)).toEqual({ hadTrades: false, isAllHeld: true })
    expect(await isAllHeld(exchange, -5, 1)).toEqual({ hadTrades: false, isAllHeld: false })
    expect(await isAllHeld(exchange, -9, 2)).toEqual({ hadTrades: true, isAllHeld: false })
  },
)
