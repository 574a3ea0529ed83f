import type { RestAnswer } from '../server/rest.ts'
import type { RequestFault } from '../server/rest-server.ts'
import type { Venue } from '../server/venue.ts'
import type {
  BanFault,
  ErrorBodyFault,
  RateLimitFault,
  RefuseConnectFault,
  RejectFault,
  ServerErrorFault,
  SlowBodyFault,
} from './fault.ts'

/** Faults of REST answers. */
export type AnswerFault = RateLimitFault | BanFault | ServerErrorFault | SlowBodyFault | ErrorBodyFault
type CountedFault = AnswerFault | RefuseConnectFault | RejectFault

/** Faults that wait for requests, handshakes or subscriptions: so many, or for a time. */
export interface Counted<Kind extends CountedFault> {
  /** `done` is told each time it took effect. */
  arm(fault: Kind, nowMs: number, done: () => void): void
  /** The first that is meant, which is spent by one. */
  take(exchange: string, nowMs: number, isMeant?: (fault: Kind) => boolean): Kind | undefined
}

/** Nothing is armed at first. */
export function openCounted<Kind extends CountedFault>(): Counted<Kind> {
  let armedFaults: { fault: Kind; done: () => void; left: number; untilMs: number }[] = []
  return {
    arm(fault, nowMs, done) {
      const forMs = 'forMs' in fault ? fault.forMs : undefined
      const left = forMs === undefined ? (fault.times ?? 1) : Number.POSITIVE_INFINITY
      armedFaults.push({ fault, done, left, untilMs: nowMs + (forMs ?? Number.POSITIVE_INFINITY) })
    },
    take(exchange, nowMs, isMeant = () => true) {
      armedFaults = armedFaults.filter(({ left, untilMs }) => left > 0 && nowMs < untilMs)
      const armed = armedFaults.find(
        ({ fault }) => (fault.exchange === undefined || fault.exchange === exchange) && isMeant(fault),
      )
      if (armed === undefined) return undefined
      armed.left--
      armed.done()
      return armed.fault
    },
  }
}

const SECOND_MS = 1000
const RETRY_MS = 5000
const BAN_MS = 120_000
const SLOW_MS = 20_000

/** What a fault makes of an answer. */
export function requestFaultOf(fault: AnswerFault, venue: Venue): RequestFault {
  const isKraken = venue.exchange === 'kraken'
  const code = (msg: string) => JSON.stringify({ code: -1003, msg })
  if (fault.kind === 'slow-body') return { slowMs: fault.overMs ?? SLOW_MS }
  if (fault.kind === 'error-body') {
    const error = fault.error ?? (isKraken ? 'EGeneral:Too many requests' : 'Too many requests.')
    return { answer: { status: 200, body: isKraken ? JSON.stringify({ error: [error] }) : code(error) } }
  }
  if (fault.kind === 'server-error')
    return { answer: { status: fault.status ?? 503, headers: html, body: '<html>Unavailable</html>' } }
  const waitMs = fault.retryAfterMs ?? (fault.kind === 'ban' ? BAN_MS : RETRY_MS)
  const body = isKraken ? '{"error":["EAPI:Rate limit exceeded"]}' : code('Too much request weight used.')
  return { answer: { status: fault.kind === 'ban' ? 418 : 429, headers: retryAfter(waitMs), body } }
}

/** What a handshake is refused with. */
export function refusedConnect({ status = 429, retryAfterMs = RETRY_MS }: RefuseConnectFault): RestAnswer {
  return { status, headers: retryAfter(retryAfterMs), body: '' }
}

const html = { 'Content-Type': 'text/html' }

function retryAfter(waitMs: number): Readonly<Record<string, string>> {
  return { 'Retry-After': String(Math.max(1, Math.ceil(waitMs / SECOND_MS))) }
}
