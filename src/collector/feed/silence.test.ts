import { expect, test, vi } from 'vitest'
import { type AFeed, aKrakenFeed, type LandedLine } from '../../testing/a-feed.ts'
import type { FeedLimits } from '../exchange/mapper.ts'

vi.setConfig({ testTimeout: 20_000 })

test('leaves a socket that is half open', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers' }, { silenceMs: 10_000 })
  await it.until('live', () => it.isLive())

  it.exchange.behaviour.isFrozen = true
  await it.until('it hangs up', () => it.events().includes('disconnected silent_socket'))
  it.exchange.behaviour.isFrozen = false

  await it.until('live again', () => it.isLive())
})

test('finds the symbol that is acknowledged and silent while heartbeats run, and only that', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers', 'ETH/USD': 'silent' })
  it.world.hadTrades = true
  await it.until('asked for again', () => it.events().includes('resubscribed ETH/USD silent'))
  expect(it.feed.status().symbolsStale).toEqual(['ETH-USD/USD'])

  await it.until('another connection', () => it.events().includes('rotated silent_symbol'))
  it.exchange.behaviour.symbols['ETH/USD'] = 'delivers'

  await it.until('both deliver', () => it.feed.status().symbolsLive === 2)
  expect(it.events().filter((event) => event.startsWith('disconnected'))).toEqual([])
})

test('lets a coin without trades be quiet', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers', 'REKT/USD': 'silent' })

  await it.until('it asked twice', () => it.probes.length >= 2)

  expect(it.exchange.handshakes()).toBe(1)
  expect(it.events()).toEqual(['connecting', 'connected', 'subscribed', 'live'])
})

test('asks again later when nobody can tell whether a silent coin had trades', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers', 'REKT/USD': 'silent' })
  it.world.hadTrades = undefined

  await it.until('it asked twice', () => it.probes.length >= 2)

  expect(it.events()).toEqual(['connecting', 'connected', 'subscribed', 'live'])
})

test('a subscription that was dead and delivers again makes no quiet minute of the time between', async () => {
  const it = await aCoinAfterSilence({ world: { hadTrades: undefined } })

  await it.until('it delivers', () => it.ethAfter().length > 0)

  expect(it.probes).toContain('ETH/USD')
  expect(it.ethProofs()).not.toContain('silence')
})

test('asks nothing of trades, and takes no silence for quiet, while nobody knows what time it is there', async () => {
  const it = await aCoinAfterSilence({ world: { hadTrades: false }, limits: { pingEveryMs: undefined } })

  await it.until('it delivers', () => it.ethAfter().length > 0)

  expect(it.probes).toEqual([])
  expect(it.ethProofs()).not.toContain('silence')
})

test('a coin that was quiet, says the exchange, has quiet minutes', async () => {
  const it = await aCoinAfterSilence({ world: { hadTrades: false } })

  await it.until('quiet minutes', () => it.ethProofs().includes('silence'))
})

test('a minute that went on after the last row of a dead subscription is not closed by the next one', async () => {
  const it = await aCoinAfterSilence({ world: { hadTrades: false, isAllHeld: false } })

  await it.until('it delivers', () => it.ethAfter().length > 0)

  expect(it.probes).toContain('ETH/USD')
  expect(it.ethAfter()[0]).toMatchObject({ proof: null })
})

test('is not up while none of its symbols delivers, whatever its heartbeats say', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers' }, { quietMs: 10_000 })
  await it.until('live', () => it.isLive())
  it.world.hadTrades = true

  it.exchange.behaviour.symbols['BTC/USD'] = 'silent'
  const uptime = () =>
    it.landed.filter(({ channel }) => channel === 'feed_uptime').map(({ fields }) => fields)
  await it.until('its uptime ends', () => uptime().some(({ cause }) => cause === 'silent'))
  const ended = it.clock.now()
  const before = uptime().length
  await it.until('20 s later', () => it.clock.now() - ended > 20_000)

  expect(uptime().length).toBe(before)
})

/** A feed of two coins, one of which was silent for two minutes, in a world that says this of it, and delivers again. */
async function aCoinAfterSilence({
  world,
  limits = {},
}: {
  readonly world: Partial<AFeed['world']>
  readonly limits?: Partial<FeedLimits>
}) {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers', 'ETH/USD': 'delivers' }, limits, 50)
  await it.until('both deliver', () => it.feed.status().symbolsLive === 2)
  Object.assign(it.world, world)
  it.exchange.behaviour.symbols['ETH/USD'] = 'silent'
  const silentMs = it.clock.now()
  await it.until('two minutes later', () => it.clock.now() - silentMs > 125_000)

  const before = it.landed.length
  it.exchange.behaviour.symbols['ETH/USD'] = 'delivers'
  const isEth = ({ fields }: LandedLine) => fields.native_symbol === 'ETH/USD'
  return {
    ...it,
    /** Its candles since it delivers again. */
    ethAfter: () => it.landed.slice(before).filter((line) => line.channel === 'ohlc' && isEth(line)),
    /** What proves each of its rows. */
    ethProofs: () => it.landed.filter(isEth).map(({ proof }) => proof),
  }
}
