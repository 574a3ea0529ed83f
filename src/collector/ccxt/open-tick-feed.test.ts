import { expect, test } from 'vitest'
import { aTickExchange, aTicker, aTickFeed, isTick, live, records, until } from '../../testing/a-tick-feed.ts'

test('1,000 frames in one burst are 1,000 rows, each with its own time of reception', async () => {
  const exchange = await aTickExchange()
  const { feed, lines, asked } = await aTickFeed(exchange)
  await live(feed, exchange)

  for (let i = 0; i < 1000; i++) exchange.say(aTicker(i % 2 === 0 ? 'BTC/USD' : 'ETH/USD', 60_000 + i / 10))
  await until(() => lines.filter(isTick).length >= 1000, '1,000 ticks')

  const ticks = records(lines.filter(isTick))
  expect(ticks).toHaveLength(1000)
  expect(new Set(ticks.map((tick) => tick.received_at)).size).toBe(1000)
  expect(new Set(ticks.map((tick) => `${tick.feed_id} ${tick.sequence} ${tick.row}`)).size).toBe(1000)
  expect(ticks.map((tick) => tick.fields.last)).toEqual(
    Array.from({ length: 1000 }, (_, i) => String(60_000 + i / 10)),
  )
  const times = ticks.map((tick) => tick.received_at.replace('Z', '').padEnd(26, '0'))
  expect(times).toEqual([...times].sort())
  expect(ticks[0]).toMatchObject({
    v: 1,
    channel: 'ticks',
    fields: {
      native_symbol: 'XXBTZUSD',
      symbol: 'BTC-USD',
      quote_asset: 'USD',
      price: '60000',
      sampled: false,
    },
  })
  expect(JSON.parse(ticks[0].raw)).toMatchObject({ symbol: 'BTC/USD', last: 60000 })
  expect(feed.status()).toMatchObject({ state: 'live', symbolsLive: 2, records: 1000 })
  expect(asked).toContain(`connect ws://${exchange.url}`)
  expect(asked).toContain(`rest http://${exchange.url}`)
})

test('a connection that breaks is another feed with its own count, and both ends are events', async () => {
  const exchange = await aTickExchange()
  const { feed, lines } = await aTickFeed(exchange)
  await live(feed, exchange)
  exchange.say(aTicker('BTC/USD', 1.5))
  await until(() => lines.some(isTick), 'a tick')

  for (const socket of exchange.sockets) socket.terminate()
  await until(() => exchange.subscribed.length >= 4, 'subscribed again')
  exchange.say(aTicker('BTC/USD', 2.5))
  await until(() => lines.filter(isTick).length === 2, 'a tick after the break')

  const [before, after] = records(lines.filter(isTick))
  expect(after.feed_id).not.toBe(before.feed_id)
  const events = records(lines.filter(({ folder }) => folder.includes('channel=connection_events/')))
  expect(events.map(({ fields }) => fields.event)).toEqual(
    expect.arrayContaining(['symbols_chosen', 'connecting', 'subscribed', 'disconnected']),
  )
  expect(events.find(({ fields }) => fields.event === 'disconnected').fields.cause).toBe('network_error')
  expect(feed.status().reconnectsByCause).toEqual({ network_error: 1 })
})

test('a socket that is open and silent is hung up after two minutes', async () => {
  const exchange = await aTickExchange()
  const { feed, lines } = await aTickFeed(exchange)
  await live(feed, exchange)

  await until(() => (feed.status().reconnectsByCause.silent ?? 0) > 0, 'hung up')

  const events = records(lines.filter(({ folder }) => folder.includes('channel=connection_events/')))
  expect(events.some(({ fields }) => fields.event === 'disconnected' && fields.cause === 'silent')).toBe(true)
}, 30_000)

test('only symbols that the pattern means are landed, and one that is not listed is told by name', async () => {
  const exchange = await aTickExchange()
  const { feed, lines } = await aTickFeed(exchange, { symbols: 'eth%,DOGE/USD' })
  await live(feed, exchange)

  exchange.say(aTicker('BTC/USD', 1.5))
  exchange.say(aTicker('ETH/USD', 2.5))
  await until(() => lines.some(isTick), 'a tick')

  expect(exchange.subscribed).toEqual(['ETH/USD'])
  expect(records(lines.filter(isTick)).map(({ fields }) => fields.symbol)).toEqual(['ETH-USD'])
  const events = records(lines.filter(({ folder }) => folder.includes('channel=connection_events/')))
  expect(events.find(({ fields }) => fields.event === 'symbol_unknown').fields.details).toEqual({
    symbol: 'DOGE/USD',
  })
})
