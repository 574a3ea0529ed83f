import { shortList } from './short-list.ts'
import type { CollectStatus } from './status.ts'

/** Data that waits longer than this for the loader is a sign of trouble, ms. */
const LOAD_LATE_MS = 60_000
/** The same for a sealed part and the store: an hour's parts are sealed at once. */
const UPLOAD_LATE_MS = 900_000
const MOST_NAMES = 5

/** What of a collector is not as it should be, in words. */
export function degradedParts(status: Omit<CollectStatus, 'degraded'>): string[] {
  return [
    ...status.exchanges.flatMap((exchange) => [...degradedExchange(exchange)]),
    ...status.workers
      .filter(({ phase }) => phase !== 'running' && phase !== 'starting')
      .map(({ feeds, phase, attempts }) => `worker of ${feeds.join(', ')}: ${phase}, attempt ${attempts}`),
    ...degradedBacklog('warehouse', status.load, LOAD_LATE_MS),
    ...degradedBacklog('store', status.upload, UPLOAD_LATE_MS),
    ...(status.load && status.load.failing > 0
      ? [`warehouse: ${status.load.failing} parts cannot be loaded`]
      : []),
    ...status.landing.paused.map((kind) => `disk: ${kind} are held back until there is space`),
  ]
}

function* degradedExchange({
  exchange,
  state,
  symbolsStale,
  symbolsRejected,
}: CollectStatus['exchanges'][number]): Generator<string> {
  if (state !== 'live') yield `${exchange}: ${state}`
  if (symbolsStale.length > 0) yield `${exchange}: stale ${shortList(symbolsStale, MOST_NAMES)}`
  if (symbolsRejected.length > 0) {
    yield `${exchange}: rejected ${shortList(
      symbolsRejected.map(({ symbol }) => symbol),
      MOST_NAMES,
    )}`
  }
}

function* degradedBacklog(
  name: string,
  backlog: { readonly ageMs: number; readonly trouble: string | undefined } | null,
  lateMs: number,
): Generator<string> {
  if (backlog?.trouble !== undefined) yield `${name}: ${backlog.trouble}`
  else if (backlog && backlog.ageMs > lateMs) yield `${name}: ${Math.round(backlog.ageMs / 1000)} s behind`
}
