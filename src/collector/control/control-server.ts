import { createServer, type Server, type Socket } from 'node:net'
import { isKxError } from '../../base/index.ts'
import type { Answer, ControlRequest } from './control.ts'
import { readJsonLines, writeJsonLine } from './json-lines.ts'

/** Answers a request, one value a line; `signal` aborts when whoever asked is gone. */
export type AnswerRequest = (request: ControlRequest, signal: AbortSignal) => AsyncIterable<unknown>

/** A socket on which other processes ask this one. */
export interface ControlServer extends AsyncDisposable {
  /** Answers with this from now on. */
  answerWith(answer: AnswerRequest): void
}

/** Listens at a path, for this user alone. Requests that `answer` does not know wait for `answerWith`. */
export async function listenForRequests(path: string, answer: AnswerRequest): Promise<ControlServer> {
  let current = answer
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => open.delete(socket))
    void answerSocket(socket, (request, signal) => current(request, signal))
  })
  await listenAt(server, path)
  server.unref()
  return {
    answerWith(next) {
      current = next
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}

function listenAt(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path, readableAll: false, writableAll: false }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Never rejects: a request that cannot be read or answered costs its own connection. */
async function answerSocket(socket: Socket, answer: AnswerRequest): Promise<void> {
  const gone = new AbortController()
  const write = (line: Answer) => writeJsonLine(socket, line, gone.signal)
  const lines = readJsonLines(socket)
  try {
    const request = await lines.next()
    if (request.done) return
    // Nothing more is asked on this connection; its end is what is waited for.
    void lines.next().then(
      () => gone.abort(),
      () => gone.abort(),
    )
    for await (const value of answer(request.value as ControlRequest, gone.signal)) await write({ value })
    socket.end(`${JSON.stringify({ done: true })}\n`)
  } catch (error) {
    if (!socket.destroyed) socket.end(`${JSON.stringify({ error: asAnswer(error) })}\n`)
  }
}

function asAnswer(error: unknown) {
  const message = error instanceof Error ? error.message : String(error)
  if (!isKxError(error)) return { code: 'BUG', message }
  return { code: error.code, message, ...(error.hint === undefined ? {} : { hint: error.hint }) }
}
