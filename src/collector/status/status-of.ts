import type { Landing } from '../landing/landing.ts'
import type { Supervisor } from '../supervise/supervisor.ts'
import type { Uploader } from '../upload/uploader.ts'
import type { LoopDelay } from '../worker/loop-delay.ts'
import type { Observer } from './observer.ts'
import type { CollectStatus, LandingShown, LoadBacklog } from './status.ts'

/** What a status is read from. */
export interface StatusSources {
  readonly ids: Pick<CollectStatus, 'collectorId' | 'bootId'>
  readonly observer: Pick<Observer, 'status'>
  readonly supervisor: Pick<Supervisor, 'workers' | 'restarts' | 'idleMs'>
  /** The supervisor's own writer. */
  readonly landing: { readonly landing: Pick<Landing, 'pendingBytes'>; sinceSyncS(): number | null }
  /** What reads the landing, as far as it is wanted. */
  readonly readers: {
    readonly loader: { backlog(): LoadBacklog } | undefined
    readonly uploader: Pick<Uploader, 'backlog'> | undefined
  }
  readonly loopDelay: LoopDelay
  /** ISO 8601. */
  readonly startedAt: string
  readonly disk: () => Pick<LandingShown, 'freeBytes' | 'paused'>
  readonly openMinutes: () => ReadonlyMap<string, number>
}

/** What a collector shows of itself now. */
export function statusOf(sources: StatusSources): CollectStatus {
  const { ids, observer, supervisor, startedAt } = sources
  const { loader, uploader } = sources.readers
  return observer.status({
    ...ids,
    startedAt,
    workers: supervisor.workers(),
    workerRestarts: supervisor.restarts(),
    landing: { ...writersOf(sources), ...sources.disk() },
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
export function stuckParts({ supervisor, landing, disk }: StatusSources): string[] {
  const stuck: string[] = []
  if (supervisor.idleMs() > SUPERVISOR_IDLE_MS) stuck.push('the supervisor does not look at its workers')
  // A full disk is waited out: a restart would not make room, and would lose what is in memory.
  if (disk().paused.length > 0) return stuck
  const { pendingBytes, sinceSyncS } = ownWriter(landing)
  if (pendingBytes > 0 && (sinceSyncS ?? 0) > UNSYNCED_S)
    stuck.push('the landing of the supervisor is not written')
  return stuck
}

function writersOf({
  supervisor,
  landing,
}: StatusSources): Pick<LandingShown, 'sinceSyncS' | 'pendingBytes'> {
  const writers = supervisor.workers().flatMap(({ status }) => status ?? [])
  const own = ownWriter(landing)
  const since = [...writers.map(({ sinceSyncS }) => sinceSyncS)].filter((seconds) => seconds !== null)
  return {
    // The supervisor's own landing rests for hours: workers land something every ten seconds.
    sinceSyncS: since.length > 0 ? Math.max(...since) : own.sinceSyncS,
    pendingBytes: writers.reduce((sum, { pendingBytes }) => sum + pendingBytes, own.pendingBytes),
  }
}

function ownWriter({ landing, sinceSyncS }: StatusSources['landing']) {
  return { pendingBytes: landing.pendingBytes(), sinceSyncS: sinceSyncS() }
}
