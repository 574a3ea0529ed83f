import { randomOf } from '../../random.ts'
import type { Connection } from '../connection.ts'
import type { Session } from '../session.ts'
import { type Stream, shareOut } from '../stream.ts'
import type { Venue } from '../venue.ts'
import { acknowledge, pong, refuse, statusFrame } from './answers.ts'
import { sendWithHeartbeat } from './heartbeat.ts'
import { streamOhlc } from './ohlc-stream.ts'
import { type KrakenRequest, parseRequest } from './request.ts'
import { streamTicker } from './ticker-stream.ts'

const CHANNELS: Readonly<Record<string, typeof streamOhlc>> = { ohlc: streamOhlc, ticker: streamTicker }

/** Serves Kraken's WebSocket v2. */
export function openKrakenSession(connection: Connection): Session {
  const { venue } = connection
  const connectionId = connectionIdOf(connection)
  /** By channel and symbol. */
  const streams = new Map<string, Stream>()
  const send = sendWithHeartbeat(connection, () => streams.size > 0)
  const say = (text: string) => send({ text, isAnswer: true })
  const actions = actionsOf(connection, streams, send)
  connection.onEnd(() => {
    for (const { stop } of streams.values()) stop()
    streams.clear()
  })
  send({ text: statusFrame('online', connectionId) })
  return {
    receive(text) {
      const inMs = venue.now()
      const times = { inMs, outMs: inMs }
      const request = parseRequest(text)
      if (request?.method === 'ping') return say(pong(request, times))
      const action = request && Object.hasOwn(actions, request.method) ? actions[request.method] : undefined
      if (request === undefined || action === undefined) {
        const error = request === undefined ? 'Malformed request' : 'Unsupported method'
        return say(refuse(request ?? { method: '', requestId: undefined }, { error }, times))
      }
      for (const symbol of request.symbols) action(request, symbol, inMs)
    },
    announceShutdown: () => send({ text: statusFrame('maintenance', connectionId) }),
    burst(symbol, frames) {
      const named = [...streams].filter(([key]) => symbol === undefined || key === `ticker ${symbol}`)
      shareOut(
        named.map(([, stream]) => stream),
        frames,
      )
    },
  }
}

/** What a request does to one symbol. */
type Action = (request: KrakenRequest, symbol: string, inMs: number) => void

function actionsOf(
  connection: Connection,
  streams: Map<string, Stream>,
  send: Connection['send'],
): Readonly<Record<string, Action>> {
  const { venue } = connection
  const say = (text: string) => send({ text, isAnswer: true })
  return {
    subscribe(request, symbol, inMs) {
      const key = `${request.channel} ${symbol}`
      const times = { inMs, outMs: venue.now() }
      const listing = venue.market.find(venue.exchange, symbol)
      const error = faultOf(venue, request, symbol) ?? (streams.has(key) ? 'Already subscribed' : undefined)
      if (listing === undefined || error !== undefined || connection.refuses(symbol))
        return say(
          refuse(request, { error: error ?? `Currency pair not supported ${symbol}`, symbol }, times),
        )
      say(acknowledge(request, symbol, times))
      const { hasSnapshot } = request
      const stream = CHANNELS[request.channel]?.({ venue, listing, hasSnapshot, send })
      if (stream) streams.set(key, stream)
    },
    unsubscribe(request, symbol, inMs) {
      const key = `${request.channel} ${symbol}`
      const stream = streams.get(key)
      const times = { inMs, outMs: venue.now() }
      if (stream === undefined)
        return say(refuse(request, { error: 'Subscription Not Found', symbol }, times))
      stream.stop()
      streams.delete(key)
      say(acknowledge(request, symbol, times))
    },
  }
}

function faultOf(venue: Venue, { channel, interval }: KrakenRequest, symbol: string): string | undefined {
  if (!Object.hasOwn(CHANNELS, channel)) return `Channel not supported ${channel}`
  if (venue.market.find(venue.exchange, symbol) === undefined) return `Currency pair not supported ${symbol}`
  return channel === 'ohlc' && interval !== 1 ? `Interval not supported ${interval}` : undefined
}

/** Twenty digits, like 16174536464690282295. */
function connectionIdOf({ id, venue }: Connection): string {
  const random = randomOf(venue.seed, id)
  const digits = () => String(Math.floor(random.next() * 1e9)).padStart(9, '0')
  return `1${Math.floor(random.next() * 8)}${digits()}${digits()}`
}
