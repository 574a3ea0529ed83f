import type { RestAnswer } from '../rest.ts'
import type { Venue } from '../venue.ts'

const MINUTE_MS = 60_000
/** Requests that are answered with 429 before the address is banned. */
const PATIENCE = 10
const BAN_MS = 120_000

/** Counts request weights by the exchange's minute, as Binance does. */
export interface WeightLimit {
  readonly limit: number
  /** Takes a request's weight. Gives the refusal, if it is one too many. */
  take(weight: number): RestAnswer | undefined
  /** `X-MBX-USED-WEIGHT-1M`. */
  headers(): Readonly<Record<string, string>>
}

/** A limit of so much weight a minute; `isEnforced` false: it is counted only. */
export function openWeightLimit(venue: Venue, limit: number, isEnforced: boolean): WeightLimit {
  let [minute, used, refused, bannedUntilMs] = [0, 0, 0, 0]
  return {
    limit,
    take(weight) {
      const now = venue.now()
      if (now < bannedUntilMs) return banned(bannedUntilMs, now)
      const current = Math.floor(now / MINUTE_MS)
      if (current !== minute) [minute, used, refused] = [current, 0, 0]
      used += weight
      if (used <= limit || !isEnforced) return undefined
      if (++refused <= PATIENCE) return tooMuch(limit, (current + 1) * MINUTE_MS - now)
      bannedUntilMs = now + BAN_MS
      return banned(bannedUntilMs, now)
    },
    headers: () => ({ 'X-MBX-USED-WEIGHT': String(used), 'X-MBX-USED-WEIGHT-1M': String(used) }),
  }
}

/** 429. */
function tooMuch(limit: number, waitMs: number): RestAnswer {
  const msg = `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`
  return refusal(429, msg, waitMs)
}

/** 418. */
function banned(untilMs: number, nowMs: number): RestAnswer {
  const msg = `Way too much request weight used; IP banned until ${Math.ceil(untilMs)}. Please use WebSocket Streams for live updates to avoid bans.`
  return refusal(418, msg, untilMs - nowMs)
}

function refusal(status: number, msg: string, waitMs: number): RestAnswer {
  const headers = { 'Retry-After': String(Math.ceil(waitMs / 1000)) }
  return { status, headers, body: JSON.stringify({ code: -1003, msg }) }
}
