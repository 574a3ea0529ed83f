import { eventLine } from '../delivery/index.ts'
import type { LandingLine } from '../record/index.ts'
import type { Shard } from '../supervise/shards.ts'
import type { SupervisorEvent } from '../supervise/supervisor.ts'

/** When something happened to kx itself. */
export interface CollectorMoment {
  readonly atMs: number
  readonly monotonicNs: bigint
  /** `<collector>-<boot>-0`. */
  readonly writer: string
}

/** The rows of connection_events for what happened to a worker: one for each exchange that it collects. */
export function supervisorLines(
  event: SupervisorEvent,
  feeds: readonly Shard[],
  moment: CollectorMoment,
): LandingLine[] {
  const { type, worker, ...details } = event
  const exchanges = [...new Set(feeds.map(({ exchange }) => exchange))]
  const attempt = 'attempt' in event ? event.attempt : undefined
  return exchanges.map((exchange) =>
    lineOf(exchange, type, { attempt, details: { worker, ...details } }, moment),
  )
}

/** The rows of connection_events for the collector itself, one for each exchange. */
export function collectorLines(
  event: 'collector_started' | 'collector_stopped',
  exchanges: readonly string[],
  moment: CollectorMoment,
): LandingLine[] {
  return exchanges.map((exchange) =>
    lineOf(exchange, event, { attempt: undefined, details: undefined }, moment),
  )
}

function lineOf(
  exchange: string,
  event: string,
  more: { readonly attempt: number | undefined; readonly details: Record<string, unknown> | undefined },
  { atMs, monotonicNs, writer }: CollectorMoment,
): LandingLine {
  const origin = { exchange, feedId: `${writer}-${exchange}-0`, receivedAtMs: atMs, monotonicNs }
  return eventLine(origin, { symbol: undefined, event, atMs, cause: 'collector', ...more })
}
