import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { KxError } from '../../../base/index.ts'

/** A loopback server. */
export interface HttpServer extends AsyncDisposable {
  readonly port: number
}

/** What a server answers. */
export interface HttpHandlers {
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void
  readonly onUpgrade?: (request: IncomingMessage, socket: Socket, head: Buffer) => void
}

/**
 * Listens on 127.0.0.1; port 0: any free one.
 *
 * @throws {KxError} KX_USAGE if the port cannot be had
 */
export async function openHttpServer(
  port: number,
  { onRequest, onUpgrade }: HttpHandlers,
): Promise<HttpServer> {
  const server = createServer(onRequest)
  if (onUpgrade) server.on('upgrade', (request, socket, head) => onUpgrade(request, socket as Socket, head))
  await listen(server, port)
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'is taken' : `cannot be had: ${cause.message}`
      reject(
        new KxError('KX_USAGE', `port ${port} ${why}`, {
          hint: 'Choose another --port, or leave it out.',
          cause,
        }),
      )
    })
    server.listen(port, '127.0.0.1', () => resolve())
  })
}
