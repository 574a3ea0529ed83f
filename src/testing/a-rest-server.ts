import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What an exchange's REST answers in a test, by path and query. */
export type AnswerRest = (url: URL, response: ServerResponse, request: IncomingMessage) => void

/** An HTTP server on 127.0.0.1 until the test ends. It sends no Date of its own: an exchange's clock is the test's. */
export interface RestServer {
  readonly url: string
  /** Paths with their queries, in the order they were asked for. */
  readonly asked: readonly string[]
}

/** A server that answers as `answer` says. */
export async function aRestServer(answer: AnswerRest): Promise<RestServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    response.sendDate = false
    response.on('error', () => undefined)
    asked.push(request.url ?? '')
    answer(new URL(request.url ?? '', 'http://127.0.0.1'), response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}
