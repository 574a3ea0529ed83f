import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import { openBinanceSession } from './binance/session.ts'
import { keepUp, upkeeps } from './binance/upkeep.ts'
import { type Connection, type OutFrame, openConnection } from './connection.ts'
import { type HttpServer, openHttpServer } from './http-server.ts'
import { openKrakenSession } from './kraken/session.ts'
import type { SentLog } from './sent-log.ts'
import type { Venue } from './venue.ts'

/** Where a simulated exchange listens. */
export interface ExchangeUrls {
  /** As the exchange's base address: Kraken's ends with `/v2`. */
  readonly ws: string
  readonly rest: string
}

/** A running exchange. */
export interface ExchangeServer extends AsyncDisposable {
  readonly venue: Venue
  readonly urls: ExchangeUrls
  /** Those that are open, oldest first. */
  readonly connections: ReadonlySet<Connection>
}

/** What a server is made of. */
export interface ExchangeServerOptions {
  readonly venue: Venue
  readonly log: SentLog
  readonly port: number
  readonly gate?: (connection: Connection, frame: OutFrame) => void
}

const MOST_MESSAGE_BYTES = 1024 ** 2

/** Serves one exchange's WebSocket and REST on one loopback port. */
export async function openExchangeServer(options: ExchangeServerOptions): Promise<ExchangeServer> {
  const { venue, log } = options
  const connections = new Set<Connection>()
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MOST_MESSAGE_BYTES,
  })
  let count = 0
  const accept = (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      socket.setNoDelay(true)
      const connection = openConnection({
        id: `${venue.exchange}-${++count}`,
        venue,
        path: request.url ?? '/',
        socket,
        webSocket,
        log,
        gate: options.gate,
      })
      connections.add(connection)
      connection.onEnd(() => connections.delete(connection))
      const session =
        venue.exchange === 'kraken' ? openKrakenSession(connection) : openBinanceSession(connection)
      webSocket.on('message', (data) => session.receive(String(data)))
      const upkeep = upkeeps[venue.exchange]
      if (upkeep) keepUp(connection, webSocket, upkeep)
    })
  }
  const server: HttpServer = await openHttpServer(options.port, {
    onRequest: (_request, response) => response.writeHead(404).end(),
    onUpgrade: accept,
  })
  const address = `127.0.0.1:${server.port}`
  return {
    venue,
    urls: { ws: `ws://${address}${venue.exchange === 'kraken' ? '/v2' : ''}`, rest: `http://${address}` },
    connections,
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.reset('simulator_ends')
      for (const webSocket of webSockets.clients) webSocket.terminate()
      webSockets.close()
      await server[Symbol.asyncDispose]()
    },
  }
}
