import type { LoopDelay } from '../worker/loop-delay.ts'
import type { Collector, CollectorBase } from './open-collector.ts'
import type { CollectStatus, LandingShown } from './status.ts'

/** What a status is read from. */
export interface StatusSources {
  readonly base: CollectorBase
  readonly collector: Collector
  readonly loopDelay: LoopDelay
  /** ISO 8601. */
  readonly startedAt: string
  readonly disk: () => Pick<LandingShown, 'freeBytes' | 'paused'>
  readonly openMinutes: () => ReadonlyMap<string, number>
}

/** What a collector shows of itself now. */
export function statusOf(sources: StatusSources): CollectStatus {
  const { base, collector, startedAt } = sources
  const { loader, uploader } = base.readers
  return collector.observer.status({
    ...base.ids,
    startedAt,
    workers: collector.supervisor.workers(),
    workerRestarts: collector.supervisor.restarts(),
    landing: { ...writersOf(collector), ...sources.disk() },
    load: loader?.backlog() ?? null,
    upload: uploader?.backlog() ?? null,
    supervisor: {
      residentBytes: process.memoryUsage.rss(),
      loopDelayP99Ms: sources.loopDelay.p99Ms(),
    },
    openMinutes: sources.openMinutes(),
  })
}

const SUPERVISOR_IDLE_MS = 30_000
/** A landing that has lines and syncs none for so long is stuck, s. */
const UNSYNCED_S = 60

/** What only a restart helps: the supervisor's own loop, or a landing that takes lines and does not write them. */
export function stuckParts({ collector, disk }: StatusSources): string[] {
  const stuck: string[] = []
  if (collector.supervisor.idleMs() > SUPERVISOR_IDLE_MS)
    stuck.push('the supervisor does not look at its workers')
  // A full disk is waited out: a restart would not make room, and would lose what is in memory.
  if (disk().paused.length > 0) return stuck
  const { pendingBytes, sinceSyncS } = ownWriter(collector)
  if (pendingBytes > 0 && (sinceSyncS ?? 0) > UNSYNCED_S)
    stuck.push('the landing of the supervisor is not written')
  return stuck
}

function writersOf(collector: Collector): Pick<LandingShown, 'sinceSyncS' | 'pendingBytes'> {
  const writers = collector.supervisor.workers().flatMap(({ status }) => status ?? [])
  const own = ownWriter(collector)
  const since = [...writers.map(({ sinceSyncS }) => sinceSyncS)].filter((seconds) => seconds !== null)
  return {
    // The supervisor's own landing rests for hours: workers land something every ten seconds.
    sinceSyncS: since.length > 0 ? Math.max(...since) : own.sinceSyncS,
    pendingBytes: writers.reduce((sum, { pendingBytes }) => sum + pendingBytes, own.pendingBytes),
  }
}

function ownWriter({ landing }: Collector) {
  return { pendingBytes: landing.landing.pendingBytes(), sinceSyncS: landing.sinceSyncS() }
}
