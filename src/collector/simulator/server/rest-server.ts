import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Exchange } from './exchange.ts'
import type { RestAnswer } from './rest.ts'

/** What faults make of a request; undefined: nothing. */
export interface RequestFault {
  /** Sent in place of the exchange's own answer. */
  readonly answer?: RestAnswer
  /** The body drips over this time, ms. */
  readonly slowMs?: number
}

const DRIPS = 10

/** Answers a GET as the exchange does, by its own clock, as far as no fault is in the way. */
export function respond(
  { venue, rest }: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
  fault: RequestFault | undefined,
): void {
  const url = `http://localhost${request.url ?? '/'}`
  const { pathname, searchParams } = new URL(URL.canParse(url) ? url : 'http://localhost')
  const answer = fault?.answer ?? rest({ path: pathname, params: searchParams })
  response.sendDate = false
  response.writeHead(answer.status, {
    'Content-Type': 'application/json;charset=UTF-8',
    Date: new Date(venue.now()).toUTCString(),
    ...answer.headers,
  })
  if (fault?.slowMs === undefined) response.end(answer.body)
  else drip(venue.timeline, response, answer.body, fault.slowMs)
}

function drip(
  timeline: Exchange['venue']['timeline'],
  response: ServerResponse,
  body: string,
  overMs: number,
): void {
  const size = Math.ceil(body.length / DRIPS)
  for (let drop = 0; drop < DRIPS; drop++) {
    timeline.at(timeline.now() + (overMs * drop) / (DRIPS - 1), () => {
      if (response.destroyed) return
      response.write(body.slice(drop * size, (drop + 1) * size))
      if (drop === DRIPS - 1) response.end()
    })
  }
}

/** Refuses a handshake. */
export function refuseUpgrade(
  socket: { end(text: string): unknown },
  { status, headers, body }: RestAnswer,
): void {
  const lines = Object.entries({
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
    ...headers,
  })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.end(`HTTP/1.1 ${status} Refused\r\n${head}\r\n${body}`)
}
