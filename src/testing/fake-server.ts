import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface FakeServer {
  /** `server_version_num`: 150004. */
  readonly versionNumber?: number
  /** How server sessions are handed out; each has a process id of its own. */
  readonly mode?: 'direct' | 'session' | 'transaction' | 'round robin' | 'silent'
  /** Whether settings in the startup message are refused, as pgbouncer does. */
  readonly refusesOptions?: boolean
}

/**
 * Something on 127.0.0.1 that speaks enough of the protocol to be asked who it is: an old server, or a pooler.
 * Gives its port.
 *
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export async function aFakeServer({
  versionNumber = 150_004,
  mode = 'direct',
  refusesOptions = false,
}: FakeServer): Promise<number> {
  // Two server sessions, so that going round shows.
  const idle = [4001, 4002]
  let clients = 0
  const server = createServer((socket) => {
    if (mode === 'silent') return
    clients += 1
    const own = 5000 + clients
    const processId = (): number => {
      if (mode === 'direct' || mode === 'session') return own
      const taken = (mode === 'transaction' ? idle.at(-1) : idle.shift()) ?? 0
      if (mode === 'round robin') idle.push(taken)
      return taken
    }
    const announced = mode === 'direct' ? own : 900_000 + clients
    serve(socket, { announced, refusesOptions, answer: () => [processId(), versionNumber] })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return (server.address() as AddressInfo).port
}

interface Behaviour {
  readonly announced: number
  readonly refusesOptions: boolean
  readonly answer: () => readonly [processId: number, versionNumber: number]
}

function serve(socket: Socket, { announced, refusesOptions, answer }: Behaviour): void {
  let isStarted = false
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    if (isStarted) {
      if (chunk[0] === 'Q'.charCodeAt(0)) socket.write(answerMessages(answer()))
      if (chunk[0] === 'X'.charCodeAt(0)) socket.end()
      return
    }
    // An SSLRequest, which is 80877103: no.
    if (chunk.length === 8 && chunk.readInt32BE(4) === 80_877_103) return void socket.write('N')
    if (refusesOptions && chunk.includes('options\0')) {
      const fields = 'SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0'
      return void socket.end(message('E', Buffer.from(fields)))
    }
    isStarted = true
    socket.write(Buffer.concat([message('R', int32(0)), message('K', int32(announced, 7)), ready()]))
  })
}

function answerMessages(values: readonly number[]): Buffer {
  const columns = ['pid', 'version'].map((name) =>
    Buffer.concat([Buffer.from(`${name}\0`), int32(0), int16(0), int32(23), int16(4), int32(-1), int16(0)]),
  )
  const cells = values.map((value) =>
    Buffer.concat([int32(String(value).length), Buffer.from(String(value))]),
  )
  return Buffer.concat([
    message('T', int16(columns.length), ...columns),
    message('D', int16(cells.length), ...cells),
    message('C', Buffer.from('SELECT 1\0')),
    ready(),
  ])
}

function ready(): Buffer {
  return message('Z', Buffer.from('I'))
}

function message(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
}

function int32(...values: number[]): Buffer {
  const buffer = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) buffer.writeInt32BE(value, 4 * i)
  return buffer
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2)
  buffer.writeInt16BE(value)
  return buffer
}
