import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type ConnectionSettings, readConnectionSettings } from '../warehouse/connection/settings.ts'
import type { Target } from '../warehouse/index.ts'

/** Which way a message goes. */
export type Direction = 'toServer' | 'toClient'

/** Before which message the line is cut. */
export interface CutPoint {
  readonly direction: Direction
  /** From 1, over all connections. */
  readonly before: number
  /** Called as the line is cut, before any socket is closed: to kill the client. */
  readonly onCut?: () => void
}

/** A proxy in front of a Postgres server that counts messages and can cut the line before one of them. */
export interface CutProxy {
  /** The target as it is reached through the proxy. */
  readonly target: Target
  /** Counts from zero again and cuts once, before `point`; without one nothing is cut. Later connections pass. */
  arm(point?: CutPoint): void
  /** Messages since the last `arm`, each by its type and the beginning of what it says: `Q commit`. */
  trace(direction: Direction): readonly string[]
  readonly isCut: boolean
}

const PORT = 5432

/**
 * A proxy on a Unix socket for the server of `target`, gone when the test is over. A message that is held back by
 * a cut is lost, and so is every later one of the connections open by then.
 */
export async function aCutProxy(target: Target): Promise<CutProxy> {
  const directory = mkdtempSync('/tmp/kx-proxy-')
  const server = readConnectionSettings(target, process.env)
  const sockets = new Set<Socket>()
  let traces: Record<Direction, string[]> = { toServer: [], toClient: [] }
  let armed: CutPoint | undefined
  let isCut = false
  const cut = (point: CutPoint) => {
    isCut = true
    point.onCut?.()
    for (const socket of sockets) socket.destroy()
  }
  const pass = (to: Socket, direction: Direction) => (message: Buffer) => {
    if (to.destroyed) return
    const trace = traces[direction]
    trace.push(headOf(message))
    const isHere = armed?.direction === direction && armed.before === trace.length
    if (armed !== undefined && isHere && !isCut) cut(armed)
    else to.write(message)
  }
  const listener = createServer((client) => {
    const upstream = createConnection(addressOf(server))
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroySoon()
      })
    }
    client.on('data', splitMessages('toServer', pass(upstream, 'toServer')))
    upstream.on('data', splitMessages('toClient', pass(client, 'toClient')))
  })
  await new Promise<void>((resolve) => listener.listen(join(directory, `.s.PGSQL.${PORT}`), resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    listener.close()
    rmSync(directory, { recursive: true, force: true })
  })
  return {
    target: { ...target, connection: throughProxy(server, directory) },
    trace: (direction) => traces[direction],
    arm(point) {
      armed = point
      isCut = false
      traces = { toServer: [], toClient: [] }
    },
    get isCut() {
      return isCut
    },
  }
}

/**
 * Cuts a stream into whole messages. The first one from a client has a length and no type.
 *
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
function splitMessages(direction: Direction, onMessage: (message: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  let lengthAt = direction === 'toServer' ? 0 : 1
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= lengthAt + 4) {
      const size = lengthAt + rest.readInt32BE(lengthAt)
      if (rest.length < size) return
      const message = rest.subarray(0, size)
      rest = rest.subarray(size)
      lengthAt = 1
      onMessage(message)
    }
  }
}

/** Type and first words; of a startup message only that it is one. */
function headOf(message: Buffer): string {
  if (message[0] === 0) return 'startup'
  return `${message.toString('latin1', 0, 1)} ${message.toString('latin1', 5, 25).replaceAll('\0', '')}`
}

function addressOf({ host, port }: ConnectionSettings): { path: string } | { host: string; port: number } {
  return host.startsWith('/') ? { path: join(host, `.s.PGSQL.${port}`) } : { host, port }
}

/** The connection in words, with the proxy's place instead of the server's. */
function throughProxy(
  { user, password, database }: ConnectionSettings,
  directory: string,
): Target['connection'] {
  const words = { host: directory, port: String(PORT), user, dbname: database, sslmode: 'disable' }
  return password === undefined ? words : { ...words, password }
}
