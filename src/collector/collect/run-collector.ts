import { type Clock, linkedSignal } from '../../base/index.ts'
import { openBroker } from '../broker/open-broker.ts'
import { answerControl } from '../control/answer-control.ts'
import { type Lock, takeLock } from '../control/lock.ts'
import { makeLanding } from '../landing/make-landing.ts'
import type { CollectEvent } from '../status/collect-event.ts'
import { createDiskWatch } from '../status/disk-watch.ts'
import { createEventQueue, type EventQueue } from '../status/event-queue.ts'
import { openHealthServer } from '../status/health-server.ts'
import { rateLimitedLog } from '../status/log.ts'
import { openMetricsPage } from '../status/metrics.ts'
import { createOpenMinutes } from '../status/open-minutes.ts'
import type { CollectStatus } from '../status/status.ts'
import { type StatusSources, statusOf, stuckParts } from '../status/status-of.ts'
import { endOrphans } from '../supervise/orphans.ts'
import { openLoopDelay } from '../worker/loop-delay.ts'
import { answerBackfill } from './answer-backfill.ts'
import { brokerLimits } from './broker-limits.ts'
import { randomId, readBeginning, readCollectorId } from './collector-id.ts'
import type { CollectorInput } from './collector-input.ts'
import { type CollectorBase, startCollector } from './open-collector.ts'
import { openReaders } from './open-readers.ts'
import { runTasks } from './run-tasks.ts'
import { within } from './within.ts'

const MOST_EVENTS = 1_000
const STATUS_EVERY_MS = 1_000
/** Ms of the machine, as the service manager counts them: with all the rest they fit into its 30 s. */
const SEAL_WITHIN_MS = 5_000
const DRAIN_WITHIN_MS = 15_000
const TASKS_WITHIN_MS = 1_000

/**
 * Collects until `signal` aborts or the duration is over: takes the lock, recovers what earlier collectors left, runs
 * the workers, loads, uploads and repairs. Then it stops: 5 s to seal, 15 s to load and upload.
 *
 * What fails meanwhile is a line and a metric; the rest goes on.
 *
 * @throws {KxError} KX_COLLECT_BUSY, KX_COLLECT_STATE, KX_LANDING_FAILED, before anything is collected
 */
export async function* runCollector(input: CollectorInput): AsyncGenerator<CollectEvent, void> {
  const { clock, random, stateDirectory } = input
  const queue = createEventQueue<CollectEvent>(MOST_EVENTS)
  const log = rateLimitedLog(clock, (line) => queue.push({ type: 'log', ...line }))
  await using lock = await takeLock(stateDirectory, { command: 'collect', nowMs: clock.now() })
  const ids = { collectorId: await readCollectorId(stateDirectory, random), bootId: randomId(random) }
  const beganMs = await readBeginning(stateDirectory, clock.now())
  const orphans = await endOrphans(stateDirectory)
  if (orphans > 0) log('warn', 'orphans', `workers of an earlier collector had to end first: ${orphans}`)
  await makeLanding(input.landingDirectory)
  await using broker = await openBroker({ stateDirectory, clock, limitsOf: brokerLimits(input.feeds), log })
  await using readers = await openReaders(input, log)
  const base = { ids, broker, readers, log, push: queue.push }
  yield* collect(input, { base, queue, lock, beganMs })
  yield* queue.take()
  const [load, upload] = [readers.loader?.backlog(), readers.uploader?.backlog()]
  yield { type: 'stopped', unloadedBytes: load?.bytes ?? 0, unuploadedBytes: upload?.bytes ?? 0 }
}

interface Collecting {
  readonly base: CollectorBase
  readonly queue: EventQueue<CollectEvent>
  readonly lock: Lock
  readonly beganMs: number
}

/** From the start of the workers to the end of everything that runs beside them. */
async function* collect(
  input: CollectorInput,
  { base, queue, lock, beganMs }: Collecting,
): AsyncGenerator<CollectEvent, void> {
  const { clock, workers } = input
  using loopDelay = openLoopDelay()
  const collector = startCollector(input, base)
  const ending = new AbortController()
  const [openMinutes, disk] = [createOpenMinutes(), createDiskWatch()]
  const { observer, supervisor, landing } = collector
  const sources: StatusSources = {
    ...{ ids: base.ids, readers: base.readers, observer, supervisor, landing, loopDelay },
    startedAt: lock.holder.startedAt,
    disk: disk.shown,
    openMinutes: openMinutes.minutesByExchange,
  }
  const status = () => statusOf(sources)
  const tasks = runTasks({
    ...{ input, base, collector, beganMs, openMinutes, disk, status },
    signal: ending.signal,
  })
  try {
    lock.serve(
      answerControl({
        status,
        onParts: collector.onSynced,
        backfill: answerBackfill({ input, base, collector }),
      }),
    )
    await using health = await openHealthServer(
      input.port,
      {
        status,
        stuck: () => stuckParts(sources),
        isReady: () => !ending.signal.aborted && isCollecting(status()),
        page: await openMetricsPage(),
      },
      base.log,
    )
    yield { type: 'started', ...base.ids, port: health.port, workers }
    yield* follow({ queue, status, clock, signal: endSignal(input, ending.signal) })
    yield { type: 'stopping', cause: input.signal.aborted ? 'signal' : 'duration' }
  } finally {
    ending.abort()
    await within(TASKS_WITHIN_MS, tasks)
    await collector.seal('stopped', SEAL_WITHIN_MS)
    await base.readers.drain(DRAIN_WITHIN_MS)
  }
}

/** Aborts when the collector is told to stop, or its duration is over. */
function endSignal({ clock, signal, durationMs }: CollectorInput, ending: AbortSignal): AbortSignal {
  if (durationMs === undefined) return signal
  const over = new AbortController()
  void clock.sleep(durationMs, ending).then(() => over.abort())
  return AbortSignal.any([signal, over.signal])
}

interface Following {
  readonly queue: EventQueue<CollectEvent>
  readonly status: () => CollectStatus
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** What happens, as it happens, and a status every second; whoever is slow to take it misses the oldest. */
async function* follow({ queue, status, clock, signal }: Following): AsyncGenerator<CollectEvent, void> {
  let dueMs = clock.monotonicMs()
  while (!signal.aborted) {
    yield* queue.take()
    if (clock.monotonicMs() >= dueMs) {
      yield { type: 'status', status: status() }
      dueMs = clock.monotonicMs() + STATUS_EVERY_MS
    }
    const woken = new AbortController()
    using wake = linkedSignal(signal, woken.signal)
    await Promise.race([queue.filled(wake.signal), clock.sleep(dueMs - clock.monotonicMs(), wake.signal)])
    woken.abort()
  }
}

function isCollecting({ workers }: CollectStatus): boolean {
  return workers.some(({ phase }) => phase === 'running')
}
