import type { Clock, Instrument } from '../../base/index.ts'
import { ATTEMPT_BUDGET } from './backoff.ts'
import type { ClockOffset } from './clock-offset.ts'
import type { FeedPlan, FeedStatus } from './feed.ts'
import type { FeedCounts } from './feed-counts.ts'
import { type Lane, liveSymbols, staleSymbols } from './lane.ts'

/** What a status is made of. */
export interface StatusInput {
  readonly plan: FeedPlan
  readonly clock: Clock
  readonly lanes: readonly Lane[]
  readonly counts: FeedCounts
  readonly offset: ClockOffset
}

/** What an operator wants to know of a feed now. */
export function statusOf({ plan, clock, lanes, counts, offset }: StatusInput): FeedStatus {
  const names = new Map(plan.instruments.map((one) => [one.nativeSymbol, nameOf(one)]))
  const named = (native: string) => names.get(native) ?? native
  const nowMs = clock.monotonicMs()
  const { frames, bytes, records, deadLetters, reconnectsByCause, newest } = counts
  return {
    exchange: plan.exchange,
    kind: 'candles',
    state: worst(lanes.map(stateOf)),
    connections: lanes.flatMap(({ main, heir }) => [main, heir]).filter((one) => one?.openedMs !== undefined)
      .length,
    symbolsLive: lanes.reduce((count, lane) => count + liveSymbols(lane).length, 0),
    symbolsStale: lanes.flatMap(staleSymbols).map(named),
    symbolsRejected: lanes.flatMap(({ rejections }) =>
      [...rejections].map(([native, { reason }]) => ({ symbol: named(native), reason })),
    ),
    dataAgeS: Object.fromEntries(
      [...counts.dataMs].map(([native, atMs]) => [named(native), Math.max(0, nowMs - atMs) / 1000]),
    ),
    frames,
    bytes,
    records,
    deadLetters,
    reconnectsByCause: { ...reconnectsByCause },
    lagMs: newest && newest.receivedAtMs - Date.parse(newest.eventAt),
    clockOffsetMs: offset.offsetMs(),
  }
}

/** `BTC-USD/USDT`: two quotes of one symbol are two. */
function nameOf({ symbol, quoteAsset }: Instrument): string {
  return `${symbol}/${quoteAsset}`
}

/** From what is worst to what is best: a feed is as well as the worst of its connections. */
const STATES = ['stopped', 'paused', 'failed', 'waiting', 'connecting', 'subscribing', 'live'] as const

function worst(states: readonly FeedStatus['state'][]): FeedStatus['state'] {
  return STATES.find((state) => states.includes(state)) ?? 'waiting'
}

function stateOf({ main, attempts, holds, stoppedBy }: Lane): FeedStatus['state'] {
  if (stoppedBy !== undefined) return 'stopped'
  if (holds.size > 0) return 'paused'
  if (main?.firstDataMs !== undefined) return 'live'
  if (attempts >= ATTEMPT_BUDGET) return 'failed'
  if (main === undefined) return 'waiting'
  return main.openedMs === undefined ? 'connecting' : 'subscribing'
}
