import { expect, test } from 'vitest'
import { type Clock, systemClock } from '../../base/index.ts'
import { aRestServer } from '../../testing/a-rest-server.ts'
import { createRestClient } from '../broker/rest-client.ts'
import { requireMapper } from '../exchange/index.ts'
import { createClockOffset } from './clock-offset.ts'
import { measureOffset } from './measure-offset.ts'
import { createPings } from './pings.ts'

const startMs = Date.parse('2024-05-01T13:00:00Z')

/** Two clocks that a test moves. */
function aClock() {
  const time = { wallMs: startMs, monotonicMs: 0 }
  const clock: Clock = { ...systemClock, now: () => time.wallMs, monotonicMs: () => time.monotonicMs }
  return { clock, time }
}

function kraken() {
  const { clock, time } = aClock()
  const offset = createClockOffset()
  const send = (_: string, onSent: () => void) => onSent()
  const pings = createPings({ clock, offset, send, mapper: requireMapper('kraken'), nextId: () => 1 })
  return { pings, offset, time }
}

test('a pong tells how far the clock of the exchange is ahead', () => {
  const { pings, offset, time } = kraken()

  pings.tick()
  time.wallMs += 100
  time.monotonicMs += 100
  pings.answered(startMs + 50 + 7_000)

  expect(offset.offsetMs()).toBe(7_000)
})

test('a pong to a ping from before our clock was set tells how far the exchange is ahead of it now', () => {
  const { pings, offset, time } = kraken()

  pings.tick()
  time.wallMs += 3_600_100
  offset.forget()
  time.monotonicMs += 100
  pings.answered(startMs + 50)

  expect(offset.offsetMs()).toBe(-3_600_000)
})

test.each([
  ['okx', { code: '0', msg: '', data: [{ ts: String(startMs + 7_000) }] }],
  ['bybit', { retCode: 0, retMsg: 'OK', result: {}, time: startMs + 7_000 }],
  ['binance_us', { serverTime: startMs + 7_000 }],
])('the clock of %s is measured, though its pongs say no time', async (exchange, answer) => {
  const { clock } = aClock()
  const offset = createClockOffset()
  const server = await aRestServer((_, response) => {
    response.end(JSON.stringify(answer))
  })
  const client = createRestClient({ clock, broker: { grant: async () => {}, report: () => {} } })
  const signal = new AbortController().signal
  const mapper = requireMapper(exchange)

  await measureOffset({ clock, mapper, client, restUrl: server.url, offset, signal })

  expect(offset.offsetMs()).toBe(7_000)
})
