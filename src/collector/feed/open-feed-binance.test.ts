import { expect, test, vi } from 'vitest'
import { aFastClock, aFeed } from '../../testing/a-feed.ts'
import { aFeedExchange, type FeedExchangeBehaviour } from '../../testing/a-feed-exchange.ts'
import type { FeedLimits } from '../exchange/mapper.ts'

vi.setConfig({ testTimeout: 20_000 })

async function onBinance(
  symbols: FeedExchangeBehaviour['symbols'],
  { factor = 25, limits = {} }: { factor?: number; limits?: Partial<FeedLimits> } = {},
) {
  const clock = aFastClock(factor)
  const exchange = await aFeedExchange({ speaks: 'binance', symbols, now: clock.now })
  return { clock, exchange, ...aFeed({ exchange, clock, of: 'binance_us', limits }) }
}

test('does not subscribe what the exchange does not list: it would be acknowledged and stay silent', async () => {
  const it = await onBinance({ BTCUSDT: 'delivers', NOPEUSDT: 'rejected' })

  await it.until('live', () => it.feed.status().state === 'live')

  expect(it.exchange.received.join()).not.toContain('nopeusdt')
  expect(it.feed.status().symbolsRejected).toEqual([
    { symbol: 'NOP-USD/EUSDT', reason: 'the exchange does not list it' },
  ])
  expect(it.events()).toContain('rejected NOPEUSDT unlisted')
  expect(it.feed.status().symbolsLive).toBe(1)
})

test('takes up a symbol within the hour in which the exchange lists it', async () => {
  const limits = { silenceMs: 3_600_000, quietMs: 3_600_000 }
  const it = await onBinance({ BTCUSDT: 'delivers', NEWUSDT: 'rejected' }, { factor: 1_500, limits })
  await it.until('live', () => it.feed.status().state === 'live')

  it.exchange.behaviour.symbols.NEWUSDT = 'delivers'
  await it.until('both deliver', () => it.feed.status().symbolsLive === 2)

  expect(it.feed.status().symbolsRejected).toEqual([])
})

test('subscribes unchecked when the list cannot be read', async () => {
  const clock = aFastClock(25)
  const exchange = await aFeedExchange({
    speaks: 'binance',
    symbols: { BTCUSDT: 'delivers' },
    now: clock.now,
  })
  const it = aFeed({
    exchange: { ...exchange, restUrl: `${exchange.restUrl}/nowhere` },
    clock,
    of: 'binance_us',
  })

  await it.until('live', () => it.feed.status().symbolsLive === 1)

  expect(it.logs.join('\n')).toContain('the list of symbols cannot be read')
})

test('opens a new connection at once when the exchange says that it shuts down', async () => {
  const it = await onBinance({ BTCUSDT: 'delivers' })
  await it.until('live', () => it.feed.status().state === 'live')

  it.exchange.send(JSON.stringify({ stream: '!serverShutdown', data: { e: 'serverShutdown', E: 1 } }))
  await it.until('replaced', () => it.events().includes('rotated server_shutdown'))

  expect(it.events()).toContain('rotating server_shutdown')
  expect(it.events().filter((event) => event.startsWith('disconnected'))).toEqual([])
  expect(it.feed.status()).toMatchObject({ state: 'live', connections: 1 })
})

test("measures the exchange's clock by REST, and anew when ours is set", async () => {
  const it = await onBinance({ BTCUSDT: 'delivers' })
  it.exchange.behaviour.skewMs = -40_000
  const isNear = (ms: number) => Math.abs((it.feed.status().clockOffsetMs ?? Number.NaN) - ms) < 5_000
  await it.until('measured', () => isNear(-40_000) || isNear(0))

  it.exchange.behaviour.skewMs = 80_000
  it.clock.setBy(10_000)

  await it.until('measured anew', () => isNear(80_000))
})
