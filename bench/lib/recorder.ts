import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Database } from './database.ts'
import { bindValues } from './statement.ts'

/** A statement as it was sent, its parameters written in. */
export interface SentStatement {
  /** Which connection sent it, from 0. */
  readonly connection: number
  readonly sql: string
}

/** Everything that clients sent while `work` ran, in the order in which it came. */
export interface Recording {
  readonly statements: readonly SentStatement[]
  /** The `options` of the startup message: settings of the session. */
  readonly options: string
}

/** Puts a proxy in front of a server that listens on a Unix socket, and writes down what goes through. */
export async function record(
  database: Database,
  work: (proxied: Database) => Promise<void>,
): Promise<Recording> {
  const directory = mkdtempSync('/tmp/kx-bench-proxy-')
  const statements: SentStatement[] = []
  const sockets = new Set<Socket>()
  let options = ''
  let connections = 0
  const listener = createServer((client) => {
    const upstream = createConnection(join(database.host, `.s.PGSQL.${database.port}`))
    const connection = connections++
    const reader = readerOf((sql) => statements.push({ connection, sql }))
    const split = messagesOf((message, isStartup) => {
      if (isStartup) options = startupOptions(message) ?? options
      else reader(message)
    })
    client.on('data', (chunk) => {
      split(chunk)
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => client.write(chunk))
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('end', () => to.end()).on('error', () => to.destroy())
    }
  })
  await new Promise<void>((resolve) => listener.listen(join(directory, '.s.PGSQL.5432'), resolve))
  try {
    await work({ ...database, host: directory, port: '5432' })
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => listener.close(resolve))
    rmSync(directory, { recursive: true, force: true })
  }
  return { statements, options }
}

/**
 * Cuts a client's stream into messages, the startup message without its type byte.
 *
 * @see https://www.postgresql.org/docs/15/protocol-message-formats.html
 */
function messagesOf(take: (message: Buffer, isStartup: boolean) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  let isStartup = true
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (;;) {
      const head = isStartup ? 0 : 1
      if (rest.length < head + 4) return
      const size = head + rest.readInt32BE(head)
      if (rest.length < size) return
      take(rest.subarray(0, size), isStartup)
      isStartup = false
      rest = rest.subarray(size)
    }
  }
}

function startupOptions(message: Buffer): string | undefined {
  const words = message.subarray(8).toString('utf8').split('\0')
  const at = words.findIndex((word, i) => i % 2 === 0 && word === 'options')
  return at < 0 ? undefined : words[at + 1]
}

/** Follows Query, Parse, Bind and Execute of one connection, and gives each statement that is executed. */
function readerOf(execute: (sql: string) => void): (message: Buffer) => void {
  const prepared = new Map<string, string>()
  const portals = new Map<string, string>()
  return (message) => {
    const type = String.fromCharCode(message[0] ?? 0)
    const fields = fieldsOf(message.subarray(5))
    if (type === 'Q') execute(fields.text())
    if (type === 'P') prepared.set(fields.text(), fields.text())
    if (type === 'B') {
      const [portal, name] = [fields.text(), fields.text()]
      portals.set(portal, bindValues(prepared.get(name) ?? '', valuesOf(fields)))
    }
    if (type === 'E') execute(portals.get(fields.text()) ?? '')
  }
}

function valuesOf(fields: Fields): (string | null)[] {
  const formats = Array.from({ length: fields.int16() }, () => fields.int16())
  if (formats.includes(1)) throw new Error('a binary parameter cannot be replayed')
  return Array.from({ length: fields.int16() }, () => {
    const size = fields.int32()
    return size < 0 ? null : fields.bytes(size).toString('utf8')
  })
}

type Fields = ReturnType<typeof fieldsOf>

function fieldsOf(buffer: Buffer) {
  let at = 0
  const bytes = (size: number) => {
    at += size
    return buffer.subarray(at - size, at)
  }
  return {
    bytes,
    int16: () => bytes(2).readInt16BE(),
    int32: () => bytes(4).readInt32BE(),
    text: () => {
      const text = bytes(buffer.indexOf(0, at) - at).toString('utf8')
      at += 1
      return text
    },
  }
}
