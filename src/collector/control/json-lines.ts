import { once } from 'node:events'
import type { Socket } from 'node:net'

/** Longest line taken from a socket, characters. */
const LONGEST = 1_048_576

/**
 * JSON values that come over a socket, one a line, until it ends. Leaving the loop destroys the socket.
 *
 * @throws {Error} if a line is too long or is not JSON
 */
export async function* readJsonLines(socket: Socket): AsyncGenerator<unknown, void> {
  let rest = ''
  socket.setEncoding('utf8')
  for await (const chunk of socket as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST) throw new Error(`a line of more than ${LONGEST} characters`)
    for (const line of lines) yield JSON.parse(line)
  }
}

/** Writes a value as a line; resolves when the socket takes more. Rejects when `signal` aborts while it waits. */
export async function writeJsonLine(socket: Socket, value: unknown, signal?: AbortSignal): Promise<void> {
  if (socket.write(`${JSON.stringify(value)}\n`)) return
  await once(socket, 'drain', signal && { signal })
}
