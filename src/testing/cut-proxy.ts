import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { join } from 'node:path'

/** Where a Postgres server listens: a Unix socket's directory or a host, and a port. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
}

/** A proxy in front of a Postgres server that counts messages and can cut the line before one of them. */
export interface CutProxy extends AsyncDisposable {
  /** Directory of the proxy's Unix socket, for `host=`. */
  readonly host: string
  readonly port: number
  /** Messages that passed since it was opened. */
  readonly passed: { readonly toServer: number; readonly toClient: number }
}

export type Direction = 'toServer' | 'toClient'

/**
 * Opens a proxy on a Unix socket. Before the `before`-th message in `direction`, over all connections, it calls
 * `cut`: by default every connection is destroyed and later ones pass untouched.
 *
 * Messages are told apart as the protocol frames them: a startup message has no type byte.
 *
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export async function openCutProxy(
  server: ServerAddress,
  { direction, before, onCut }: { direction?: Direction; before?: number; onCut?: () => void } = {},
): Promise<CutProxy> {
  const directory = mkdtempSync('/tmp/kx-proxy-')
  const port = 5432
  const passed = { toServer: 0, toClient: 0 }
  const pairs = new Set<readonly [Socket, Socket]>()
  let isCut = false
  const cut = () => {
    isCut = true
    onCut?.()
    for (const pair of pairs) for (const socket of pair) socket.destroy()
  }
  const pump = (from: Socket, to: Socket, way: Direction) => {
    const framer = createFramer(way === 'toServer')
    from.on('data', (chunk: Buffer) => {
      for (const message of framer(chunk)) {
        passed[way]++
        if (!isCut && way === direction && passed[way] === before) return cut()
        to.write(message)
      }
    })
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }
  const listener = createServer((client) => {
    const upstream = createConnection(upstreamOf(server))
    pairs.add([client, upstream])
    pump(client, upstream, 'toServer')
    pump(upstream, client, 'toClient')
  })
  await new Promise<void>((resolve) => listener.listen(join(directory, `.s.PGSQL.${port}`), resolve))
  return {
    host: directory,
    port,
    passed,
    [Symbol.asyncDispose]: async () => {
      for (const pair of pairs) for (const socket of pair) socket.destroy()
      await new Promise((resolve) => listener.close(resolve))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function upstreamOf({ host, port }: ServerAddress) {
  return host.startsWith('/') ? { path: join(host, `.s.PGSQL.${port}`) } : { host, port }
}

/** Cuts a stream into whole messages. The first one from a client has a length and no type. */
function createFramer(startsUntyped: boolean): (chunk: Buffer) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0)
  let isUntyped = startsUntyped
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const messages: Buffer[] = []
    for (;;) {
      const lengthAt = isUntyped ? 0 : 1
      if (rest.length < lengthAt + 4) break
      const size = lengthAt + rest.readInt32BE(lengthAt)
      if (rest.length < size) break
      messages.push(rest.subarray(0, size))
      rest = rest.subarray(size)
      isUntyped = false
    }
    return messages
  }
}
