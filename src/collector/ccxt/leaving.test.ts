import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { aTickExchange, aTicker, aTickFeed, isTick, live, until } from '../../testing/a-tick-feed.ts'

test('a feed stops while it waits to connect again', async () => {
  const { feed } = await aTickFeed({ url: '127.0.0.1:1' })
  await until(() => feed.status().state === 'waiting', 'waiting')

  await feed.stop('test')

  expect(feed.status().state).toBe('stopped')
})

test('a feed stops while it waits for leave to ask, or for an answer', async () => {
  const { feed, asked } = await aTickFeed({ url: '127.0.0.1:1' }, {}, () => new Promise(() => {}))
  await until(() => asked.length > 0, 'asked for leave')

  const startedMs = performance.now()
  await feed.stop('test')

  expect(performance.now() - startedMs).toBeLessThan(1_000)
  expect(feed.status().state).toBe('stopped')
})

test('a feed stops though the exchange does not answer its goodbye', async () => {
  const exchange = await aTickExchange()
  const { feed } = await aTickFeed(exchange)
  await live(feed, exchange)
  for (const socket of exchange.sockets) socket.pause()

  const startedMs = performance.now()
  await feed.stop('test')

  expect(performance.now() - startedMs).toBeLessThan(2_000)
}, 60_000)

test('a connection that was given up while it waited for leave is not opened when leave comes', async () => {
  const exchange = await aTickExchange()
  const waiting: (() => void)[] = []
  const { feed, lines, asked } = await aTickFeed(exchange, {}, async ({ kind }, signal) => {
    if (kind === 'rest') return
    await new Promise<void>((resolve, reject) => {
      waiting.push(resolve)
      signal?.addEventListener('abort', () => reject(signal.reason))
    })
  })
  const connects = () => asked.filter((ask) => ask.startsWith('connect')).length
  await until(() => connects() >= 2, 'given up once')

  for (const grant of waiting.splice(0)) grant()
  await live(feed, exchange)
  await until(() => exchange.subscribed.length >= 2, 'subscribed')
  await new Promise((resolve) => setTimeout(resolve, 200))
  exchange.say(aTicker('BTC/USD', 1.5))
  await until(() => lines.some(isTick), 'a tick')
  await new Promise((resolve) => setTimeout(resolve, 100))

  expect(exchange.sockets.size).toBe(1)
  expect(lines.filter(isTick)).toHaveLength(1)
}, 30_000)

test('a connection that CCXT puts off is not opened once the feed is paused', async () => {
  const exchange = await aTickExchange()
  const { feed } = await aTickFeed(exchange)
  await live(feed, exchange)
  const isPutOff = () => feed.status().state === 'subscribing' && exchange.sockets.size === 0
  // From its second try in a row on CCXT waits a second or more.
  for (let breaks = 0; breaks < 2; breaks++) {
    const before = exchange.subscribed.length
    await until(() => exchange.sockets.size > 0, 'connected')
    for (const socket of exchange.sockets) socket.terminate()
    if (breaks === 0) await until(() => exchange.subscribed.length > before, 'subscribed again')
  }
  await until(isPutOff, 'put off')

  feed.pause('disk')
  await new Promise((resolve) => setTimeout(resolve, 4_000))

  expect(feed.status().state).toBe('paused')
  expect(exchange.sockets.size).toBe(0)
}, 30_000)

test('an exchange that asks for patience through CCXT gets as much as it asks for', async () => {
  const server = createServer((_, response) => {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '120' })
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { reports } = await aTickFeed({ url: `127.0.0.1:${(server.address() as AddressInfo).port}` })

  await until(() => reports.length > 0, 'told')

  expect(reports[0]).toMatchObject({ kind: 'rest', status: 429, retryAfterMs: 120_000 })
})

test('a feed that is paused again as soon as it may go on stays paused', async () => {
  const exchange = await aTickExchange()
  const { feed } = await aTickFeed(exchange)
  await live(feed, exchange)
  feed.pause('disk')
  await until(() => feed.status().state === 'paused' && exchange.sockets.size === 0, 'paused')

  feed.resume()
  feed.pause('disk')
  await new Promise((resolve) => setTimeout(resolve, 2_000))

  expect(feed.status().state).toBe('paused')
  expect(exchange.sockets.size).toBe(0)
})
