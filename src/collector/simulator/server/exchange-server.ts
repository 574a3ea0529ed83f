import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import { openBinanceSession } from './binance/session.ts'
import { keepUp, upkeeps } from './binance/upkeep.ts'
import { openConnectLimit } from './connect-limit.ts'
import { type Connection, type FrameGate, openConnection } from './connection.ts'
import type { Exchange } from './exchange.ts'
import { openHttpServer } from './http-server.ts'
import { openKrakenSession } from './kraken/session.ts'
import type { RestAnswer } from './rest.ts'
import { type RequestFault, refuseUpgrade, respond } from './rest-server.ts'
import type { SentLog } from './sent-log.ts'
import type { Venue } from './venue.ts'

/** Where a simulated exchange listens. */
export interface ExchangeUrls {
  /** As the exchange's base address: Kraken's ends with `/v2`. */
  readonly ws: string
  readonly rest: string
}

/** A listening exchange. */
export interface ExchangeServer extends AsyncDisposable {
  readonly urls: ExchangeUrls
}

/** What may go wrong on a server. */
export interface ServerFaults extends FrameGate {
  /** A handshake that is refused. */
  onConnect(venue: Venue): RestAnswer | undefined
  /** A connection that was opened. */
  onOpen(connection: Connection): void
  onRequest(venue: Venue): RequestFault | undefined
}

/** What a server is made of. */
export interface ExchangeServerOptions {
  readonly exchange: Exchange
  readonly log: SentLog
  readonly port: number
  readonly faults: ServerFaults
  /** Whether the exchange's published limits are enforced. */
  readonly isLimited: boolean
}

const MOST_MESSAGE_BYTES = 1024 ** 2

/** Serves one exchange's WebSocket and REST on one loopback port. */
export async function openExchangeServer(options: ExchangeServerOptions): Promise<ExchangeServer> {
  const { exchange, port, faults } = options
  const { venue, sessions } = exchange
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MOST_MESSAGE_BYTES,
  })
  const server = await openHttpServer(port, {
    onRequest: (request, response) => respond(exchange, request, response, faults.onRequest(venue)),
    onUpgrade: acceptor(options, sockets),
  })
  const address = `127.0.0.1:${server.port}`
  return {
    urls: { ws: `ws://${address}${venue.exchange === 'kraken' ? '/v2' : ''}`, rest: `http://${address}` },
    async [Symbol.asyncDispose]() {
      for (const connection of [...sessions.keys()]) connection.reset('simulator')
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

function acceptor({ exchange, log, faults, isLimited }: ExchangeServerOptions, sockets: WebSocketServer) {
  const { venue, sessions } = exchange
  const limit = openConnectLimit(venue)
  let count = 0
  return (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const refusal = faults.onConnect(venue) ?? (isLimited ? limit() : undefined)
    if (refusal !== undefined) return refuseUpgrade(socket, refusal)
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      socket.setNoDelay(true)
      const id = `${venue.exchange}-${++count}`
      const path = request.url ?? '/'
      const connection = openConnection({ id, venue, path, socket, webSocket, log, gate: faults })
      const isKraken = venue.exchange === 'kraken'
      const session = isKraken ? openKrakenSession(connection) : openBinanceSession(connection)
      sessions.set(connection, session)
      connection.onEnd(() => sessions.delete(connection))
      webSocket.on('message', (data) => session.receive(String(data)))
      const upkeep = upkeeps[venue.exchange]
      if (upkeep) keepUp(connection, webSocket, upkeep)
      faults.onOpen(connection)
    })
  }
}
