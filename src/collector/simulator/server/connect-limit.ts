import type { RestAnswer } from './rest.ts'
import type { Venue } from './venue.ts'

/** Connects that an address may make. Kraken's is Cloudflare's, by its older documents. */
const LIMITS: Readonly<Record<string, { readonly count: number; readonly perMs: number }>> = {
  binance: { count: 300, perMs: 300_000 },
  binance_us: { count: 300, perMs: 300_000 },
  kraken: { count: 150, perMs: 600_000 },
}

/** Counts connects, and refuses the one that is too many. */
export function openConnectLimit({ exchange, timeline }: Venue): () => RestAnswer | undefined {
  const limit = LIMITS[exchange]
  const connectsMs: number[] = []
  return () => {
    if (limit === undefined) return undefined
    const now = timeline.now()
    while ((connectsMs[0] ?? now) < now - limit.perMs) connectsMs.shift()
    const [oldestMs] = connectsMs
    if (connectsMs.length >= limit.count && oldestMs !== undefined)
      return tooManyConnects(oldestMs + limit.perMs - now)
    connectsMs.push(now)
    return undefined
  }
}

/** 429 to a handshake. */
function tooManyConnects(waitMs: number): RestAnswer {
  return { status: 429, headers: { 'Retry-After': String(Math.max(1, Math.ceil(waitMs / 1000))) }, body: '' }
}
