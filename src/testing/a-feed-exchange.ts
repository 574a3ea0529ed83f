import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'

/** How the exchange behaves; a test changes it while it runs. */
export interface FeedExchangeBehaviour {
  /** To a handshake: accepted, refused with a status, or never answered. */
  handshake: 'accept' | 'hang' | { readonly status: number; readonly retryAfter?: string }
  /** To a symbol that is subscribed. `silent`: acknowledged, and nothing more. */
  symbols: Record<string, 'delivers' | 'silent' | 'rejected' | 'unanswered'>
  /** Ms between two rounds of heartbeats and data. */
  everyMs: number
  /** Nothing is sent any more, and nothing closed. */
  isFrozen: boolean
  /** How far its clock is ahead, ms. */
  skewMs: number
}

/** An exchange on 127.0.0.1 that speaks Kraken's or Binance's WebSocket, as well or as badly as it is told. */
export interface FeedExchange {
  readonly wsUrl: string
  readonly restUrl: string
  readonly behaviour: FeedExchangeBehaviour
  /** Those that are open, oldest first. */
  readonly sockets: readonly WebSocket[]
  /** Handshakes there were, refused ones included. */
  handshakes(): number
  /** Every frame that was received, in order. */
  readonly received: string[]
  /** To all. */
  send(frame: string | Buffer): void
}

/** Time as the feed under test sees it: frames are stamped with it. */
type Now = () => number

interface Client {
  readonly socket: WebSocket
  readonly asked: Set<string>
}

/** Opens one for the running test. Every symbol of `symbols` delivers, unless it is told otherwise. */
export async function aFeedExchange(options: {
  readonly speaks: 'kraken' | 'binance'
  readonly symbols: FeedExchangeBehaviour['symbols']
  readonly now: Now
  readonly everyMs?: number
}): Promise<FeedExchange> {
  const { speaks, now, everyMs = 10 } = options
  const behaviour: FeedExchangeBehaviour = {
    handshake: 'accept',
    symbols: options.symbols,
    everyMs,
    isFrozen: false,
    skewMs: 0,
  }
  const clients: Client[] = []
  const held = new Set<Duplex>()
  const received: string[] = []
  let handshakes = 0
  const speech = speaks === 'kraken' ? kraken : binance
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const server = createServer((request, response) => {
    const answer = rest(request.url ?? '', behaviour, now)
    response.writeHead(answer === undefined ? 404 : 200, { date: new Date(now()).toUTCString() })
    response.end(answer)
  })
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    handshakes += 1
    held.add(socket)
    socket.on('error', () => socket.destroy())
    const { handshake } = behaviour
    if (handshake === 'hang') return
    if (handshake !== 'accept') {
      const retry = handshake.retryAfter === undefined ? '' : `Retry-After: ${handshake.retryAfter}\r\n`
      return void socket.end(`HTTP/1.1 ${handshake.status} No\r\n${retry}Connection: close\r\n\r\n`)
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const client = { socket: webSocket, asked: new Set<string>() }
      clients.push(client)
      webSocket.on('close', () => clients.splice(clients.indexOf(client), 1))
      webSocket.on('error', () => webSocket.terminate())
      webSocket.on('message', (frame) => {
        received.push(String(frame))
        if (!behaviour.isFrozen) speech.answer(String(frame), client, { behaviour, now })
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  let timer: NodeJS.Timeout | undefined
  const round = () => {
    timer = setTimeout(round, behaviour.everyMs)
    if (behaviour.isFrozen) return
    for (const client of clients) {
      for (const frame of speech.round(client, { behaviour, now })) client.socket.send(frame)
    }
  }
  round()
  onTestFinished(() => {
    clearTimeout(timer)
    for (const { socket } of clients) socket.terminate()
    for (const socket of held) socket.destroy()
    server.close()
  })
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    wsUrl: `ws://${address}`,
    restUrl: `http://${address}`,
    behaviour,
    received,
    handshakes: () => handshakes,
    get sockets() {
      return clients.map(({ socket }) => socket)
    },
    send: (frame) => {
      for (const { socket } of clients) socket.send(frame, { binary: false })
    },
  }
}

interface World {
  readonly behaviour: FeedExchangeBehaviour
  readonly now: Now
}

/** What an exchange says. */
interface Speech {
  answer(frame: string, client: Client, world: World): void
  round(client: Client, world: World): string[]
}

const MINUTE_MS = 60_000

const kraken: Speech = {
  answer(frame, { socket, asked }, { behaviour, now }) {
    const { method, params, req_id } = JSON.parse(frame) as {
      method: string
      req_id: number
      params?: { symbol: string[] }
    }
    const at = new Date(now() + behaviour.skewMs).toISOString()
    const say = (message: object) =>
      socket.send(JSON.stringify({ method, ...message, time_in: at, time_out: at, req_id }))
    if (method === 'ping') return say({ method: 'pong' })
    for (const symbol of params?.symbol ?? []) {
      const kind = behaviour.symbols[symbol]
      if (method === 'unsubscribe') asked.delete(symbol)
      else if (kind === 'rejected' || kind === undefined) {
        say({ error: `Currency pair not supported ${symbol}`, success: false, symbol })
        continue
      } else if (kind === 'unanswered') continue
      else asked.add(symbol)
      say({ success: true, result: { channel: 'ohlc', interval: 1, symbol } })
    }
  },
  round: ({ asked }, { behaviour, now }) => [
    '{"channel":"heartbeat"}',
    ...[...asked]
      .filter((one) => behaviour.symbols[one] === 'delivers')
      .map((one) => krakenCandle(one, now())),
  ],
}

/** An update of the running minute of `symbol`. */
export function krakenCandle(symbol: string, atMs: number): string {
  const begin = new Date(Math.floor(atMs / MINUTE_MS) * MINUTE_MS).toISOString()
  const end = new Date((Math.floor(atMs / MINUTE_MS) + 1) * MINUTE_MS).toISOString()
  const row = `{"symbol":"${symbol}","open":1.5,"high":1.5,"low":1.5,"close":1.5,"trades":1,"volume":2,"vwap":1.5,"interval_begin":"${begin}","interval":1,"timestamp":"${end}"}`
  return `{"channel":"ohlc","type":"update","timestamp":"${new Date(atMs).toISOString()}","data":[${row}]}`
}

const binance: Speech = {
  answer(frame, { socket, asked }) {
    const { method, params, id } = JSON.parse(frame) as { method: string; params: string[]; id: number }
    for (const stream of params) {
      const symbol = stream.replace('@kline_1m', '').toUpperCase()
      if (method === 'SUBSCRIBE') asked.add(symbol)
      else asked.delete(symbol)
    }
    socket.send(JSON.stringify({ result: null, id }))
  },
  round: ({ asked }, { behaviour, now }) =>
    [...asked].filter((one) => behaviour.symbols[one] === 'delivers').map((one) => binanceCandle(one, now())),
}

function binanceCandle(symbol: string, atMs: number): string {
  const t = Math.floor(atMs / MINUTE_MS) * MINUTE_MS
  const k = {
    ...{ t, T: t + MINUTE_MS - 1, s: symbol, i: '1m', f: 10, L: 10, o: '1.5', c: '1.5', h: '1.5', l: '1.5' },
    ...{ v: '2', n: 1, x: false, q: '3', V: '1', Q: '1.5', B: '0' },
  }
  const data = { e: 'kline', E: Math.floor(atMs), s: symbol, k }
  return JSON.stringify({ stream: `${symbol.toLowerCase()}@kline_1m`, data })
}

/** Binance's list and time; all that is not rejected is listed. */
function rest(url: string, { symbols, skewMs }: FeedExchangeBehaviour, now: Now): string | undefined {
  if (url.startsWith('/api/v3/time')) return JSON.stringify({ serverTime: Math.round(now() + skewMs) })
  if (!url.startsWith('/api/v3/exchangeInfo')) return undefined
  const listed = Object.keys(symbols).filter((symbol) => symbols[symbol] !== 'rejected')
  return JSON.stringify({
    timezone: 'UTC',
    serverTime: Math.round(now()),
    rateLimits: [],
    symbols: listed.map((symbol) => ({
      symbol,
      status: 'TRADING',
      baseAsset: symbol.slice(0, 3),
      quoteAsset: symbol.slice(3),
    })),
  })
}
