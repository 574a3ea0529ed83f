import type { ParsedFrame } from '../exchange/index.ts'
import type { ConnectionEvent } from './machine-types.ts'
import type { Requests } from './requests.ts'

/** What a connection tells the state machine. */
export type Heard =
  | { readonly type: 'connection'; readonly event: ConnectionEvent }
  | { readonly type: 'status'; readonly status: string }
  | { readonly type: 'shutdown' }
  /** For the operator alone. */
  | { readonly type: 'complaint'; readonly cause: string; readonly message: string }

/** What a frame without candles means to the machine. */
export function hearFrame(
  parsed: Exclude<ParsedFrame, { kind: 'candles' }>,
  requests: Pick<Requests, 'answered'>,
): Heard | undefined {
  switch (parsed.kind) {
    case 'status':
      return { type: 'status', status: parsed.status }
    case 'shutdown':
      return { type: 'shutdown' }
    case 'malformed':
      return { type: 'complaint', cause: 'dead_letter', message: `a frame cannot be read: ${parsed.reason}` }
    case 'acknowledged': {
      const symbols = requests.answered(parsed.requestId, parsed.nativeSymbol)
      return symbols && { type: 'connection', event: { type: 'acknowledged', symbols } }
    }
    case 'rejected': {
      const { reason } = parsed
      const symbols = requests.answered(parsed.requestId, parsed.nativeSymbol)
      return symbols
        ? { type: 'connection', event: { type: 'rejected', symbols, reason } }
        : { type: 'complaint', cause: 'refusal', message: `the exchange refuses: ${reason}` }
    }
    case 'heartbeat':
    case 'ignored':
      return undefined
  }
}
