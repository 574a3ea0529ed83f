import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { isKxError, KxError } from '../../../base/index.ts'
import { checkFault } from '../faults/check-fault.ts'
import { parseFault } from '../faults/parse-fault.ts'
import { openHttpServer } from './http-server.ts'
import type { Simulator } from './open-simulator.ts'
import { truthLines } from './truth-lines.ts'

/** A port to ask a simulator and to make things go wrong. */
export interface ControlServer extends AsyncDisposable {
  /** `http://127.0.0.1:1234/kx` */
  readonly url: string
}

const MINUTE_MS = 60_000
const MOST_CANDLES = 2_000_000

/**
 * Serves a simulator's controls on a loopback port:
 *
 * `GET /kx` what is going on · `GET /kx/truth?from&to[&exchange][&symbol][&format=csv]` · `GET /kx/log` JSON lines ·
 * `POST /kx/faults` a fault or a list of them.
 */
export async function openControlServer(simulator: Simulator, port: number): Promise<ControlServer> {
  const server = await openHttpServer(port, {
    onRequest: (request, response) => {
      answer(simulator, request, response).catch((error: unknown) => {
        const isTheirs = isKxError(error, 'KX_USAGE')
        const message = error instanceof Error ? error.message : String(error)
        send(response, { status: isTheirs ? 400 : 500, body: JSON.stringify({ error: message }) })
      })
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}/kx`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function answer(
  simulator: Simulator,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(`http://localhost${request.url ?? '/'}`)
  const asked = `${request.method} ${pathname}`
  if (asked === 'GET /kx') return send(response, { body: JSON.stringify(stateOf(simulator)) })
  if (asked === 'GET /kx/truth') return sendTruth(simulator, searchParams, response)
  if (asked === 'GET /kx/log') return sendLog(simulator, response)
  if (asked !== 'POST /kx/faults') return send(response, { status: 404, body: '{"error":"not found"}' })
  const faults = [parseJson(await text(request))].flat().map(parseFault)
  for (const fault of faults) checkFault(fault, simulator.instruments)
  for (const fault of faults) void simulator.inject(fault)
  send(response, { status: 202, body: JSON.stringify({ injected: faults.length }) })
}

function stateOf(simulator: Simulator) {
  return {
    now: new Date(simulator.now()).toISOString(),
    urls: Object.fromEntries(
      Object.entries(simulator.urls).filter(([exchange]) =>
        simulator.instruments.some((one) => one.exchange === exchange),
      ),
    ),
    connections: simulator.connections(),
    faults: simulator.counts(),
    log: { file: simulator.log.file, records: simulator.log.records, dropped: simulator.log.dropped },
  }
}

function sendTruth(simulator: Simulator, params: URLSearchParams, response: ServerResponse): void {
  const [fromMs, toMs] = [timeOf(params, 'from'), timeOf(params, 'to')]
  const isCsv = params.get('format') === 'csv'
  const [exchange, symbol] = [params.get('exchange'), params.get('symbol')]
  const instruments = simulator.instruments.filter(
    (one) =>
      (exchange === null || one.exchange === exchange) &&
      (symbol === null || one.nativeSymbol === symbol || one.symbol === symbol),
  )
  if (((toMs - fromMs) / MINUTE_MS) * instruments.length > MOST_CANDLES)
    throw new KxError('KX_USAGE', `more than ${MOST_CANDLES} candles`, { hint: 'Ask for less time at once.' })
  response.writeHead(200, { 'Content-Type': isCsv ? 'text/csv' : 'application/x-ndjson' })
  const candles = instruments.flatMap((instrument) => simulator.truthOf(instrument, fromMs, toMs))
  for (const line of truthLines(candles, isCsv ? 'csv' : 'json')) response.write(`${line}\n`)
  response.end()
}

function sendLog(simulator: Simulator, response: ServerResponse): void {
  simulator.log.flush()
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' })
  const file = createReadStream(simulator.log.file)
  file.on('error', () => response.destroy())
  file.pipe(response)
}

/** ISO 8601, or ms since the epoch. */
function timeOf(params: URLSearchParams, name: string): number {
  const value = params.get(name) ?? ''
  const ms = /^\d{12,}$/.test(value) ? Number(value) : Date.parse(value)
  if (Number.isFinite(ms)) return ms
  throw new KxError('KX_USAGE', `${name} '${value}' is not a time`, {
    hint: `Write ${name}=2024-05-01T13:00:00Z, or ms since the epoch.`,
  })
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw new KxError('KX_USAGE', 'the faults are not JSON', { hint: 'Write {"kind": "drop"}.', cause })
  }
}

function send(
  response: ServerResponse,
  { status = 200, body }: { readonly status?: number; readonly body: string },
): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${body}\n`)
}
