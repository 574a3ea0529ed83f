import { randomOf } from '../../random.ts'
import type { Connection } from '../connection.ts'
import type { Session } from '../session.ts'
import type { Venue } from '../venue.ts'
import { acknowledge, pong, refuse, statusFrame } from './answers.ts'
import { sendWithHeartbeat } from './heartbeat.ts'
import { streamOhlc } from './ohlc-stream.ts'
import { type KrakenRequest, parseRequest } from './request.ts'

/** Serves Kraken's WebSocket v2. */
export function openKrakenSession(connection: Connection): Session {
  const { venue } = connection
  /** What stops each subscription, by channel and symbol. */
  const stops = new Map<string, () => void>()
  const send = sendWithHeartbeat(connection, () => stops.size > 0)

  const actions: Readonly<Record<string, (request: KrakenRequest, symbol: string, inMs: number) => void>> = {
    subscribe(request, symbol, inMs) {
      const key = `${request.channel} ${symbol}`
      const error = stops.has(key) ? 'Already subscribed' : faultOf(venue, request, symbol)
      const times = { inMs, outMs: venue.now() }
      if (error !== undefined) return send({ text: refuse(request, { error, symbol }, times) })
      send({ text: acknowledge(request, symbol, times) })
      stops.set(key, start(venue, request, symbol, send))
    },
    unsubscribe(request, symbol, inMs) {
      const key = `${request.channel} ${symbol}`
      const stop = stops.get(key)
      const times = { inMs, outMs: venue.now() }
      if (stop === undefined)
        return send({ text: refuse(request, { error: 'Subscription Not Found', symbol }, times) })
      stop()
      stops.delete(key)
      send({ text: acknowledge(request, symbol, times) })
    },
  }
  connection.onEnd(() => {
    for (const stop of stops.values()) stop()
    stops.clear()
  })
  send({ text: statusFrame('online', connectionIdOf(connection)) })
  return {
    receive(text) {
      const inMs = venue.now()
      const times = { inMs, outMs: inMs }
      const request = parseRequest(text)
      if (request?.method === 'ping') return send({ text: pong(request, times) })
      const action = request && Object.hasOwn(actions, request.method) ? actions[request.method] : undefined
      if (request === undefined || action === undefined) {
        const error = request === undefined ? 'Malformed request' : 'Unsupported method'
        return send({ text: refuse(request ?? { method: '', requestId: undefined }, { error }, times) })
      }
      for (const symbol of request.symbols) action(request, symbol, inMs)
    },
  }
}

function faultOf(venue: Venue, { channel, interval }: KrakenRequest, symbol: string): string | undefined {
  if (channel !== 'ohlc') return `Channel not supported ${channel}`
  if (venue.market.find(venue.exchange, symbol) === undefined) return `Currency pair not supported ${symbol}`
  return interval === 1 ? undefined : `Interval not supported ${interval}`
}

function start(
  venue: Venue,
  { hasSnapshot }: KrakenRequest,
  symbol: string,
  send: Connection['send'],
): () => void {
  const listing = venue.market.find(venue.exchange, symbol)
  return listing === undefined ? () => {} : streamOhlc({ venue, listing, hasSnapshot, send })
}

/** Twenty digits, like 16174536464690282295. */
function connectionIdOf({ id, venue }: Connection): string {
  const random = randomOf(venue.seed, id)
  const digits = () => String(Math.floor(random.next() * 1e9)).padStart(9, '0')
  return `1${Math.floor(random.next() * 8)}${digits()}${digits()}`
}
