import { join } from 'node:path'
import type { OpenBroker } from '../broker/open-broker.ts'
import { createRestClient } from '../broker/rest-client.ts'
import type { SyncedPart } from '../landing/landing.ts'
import { createHadTrades } from '../repair/had-trades.ts'
import type { CollectEvent } from '../status/collect-event.ts'
import type { Log } from '../status/log.ts'
import { createObserver, type Observer } from '../status/observer.ts'
import { openSupervisor } from '../supervise/open-supervisor.ts'
import { noteWorkers } from '../supervise/orphans.ts'
import type { Supervisor, SupervisorHooks } from '../supervise/supervisor.ts'
import { answerWorker, type WorkerServices } from './answer-worker.ts'
import type { CollectorInput } from './collector-input.ts'
import { feedOf, planOf, symbolsOf } from './feed-loads.ts'
import type { OpenReaders } from './open-readers.ts'
import { type OwnLanding, openOwnLanding } from './own-landing.ts'
import { recoverParts } from './recover-parts.ts'
import { repairExchanges } from './repair-exchanges.ts'
import { type CollectorMoment, collectorLines, supervisorLines } from './supervisor-lines.ts'

/** What a collector is put together of, before its workers start. */
export interface CollectorBase {
  readonly ids: { readonly collectorId: string; readonly bootId: string }
  readonly broker: OpenBroker
  readonly readers: OpenReaders
  readonly log: Log
  readonly push: (event: CollectEvent) => void
}

/** Workers and their landing, while they run. */
export interface Collector {
  readonly observer: Observer
  readonly supervisor: Supervisor
  readonly landing: OwnLanding
  /** Whether a part's writer is of this start, and may still write it. */
  isOurs(path: string): boolean
  readonly onSynced: (parts: readonly SyncedPart[]) => void
  /** Stops the workers and seals everything, for so long at most, ms of the machine. */
  seal(cause: string, deadlineMs: number): Promise<void>
}

/** Starts the workers. */
export function startCollector(input: CollectorInput, base: CollectorBase): Collector {
  const { clock, feeds, landingDirectory } = input
  const { ids, readers, log } = base
  const observer = createObserver(clock, feeds)
  const onSynced = (parts: readonly SyncedPart[]) => {
    observer.onSynced(parts)
    readers.add(parts)
  }
  const landing = openOwnLanding({ directory: landingDirectory, ...ids, clock, log, onSynced })
  const exchanges = [...new Set(feeds.map(({ exchange }) => exchange))]
  const moment = (): CollectorMoment => ({
    atMs: clock.now(),
    monotonicNs: BigInt(Math.round(clock.monotonicMs() * 1e6)),
    writer: landing.writer,
  })
  landing.landing.append(collectorLines('collector_started', exchanges, moment()))
  let isSealed = false
  const services: WorkerServices = {
    broker: base.broker,
    hadTrades: createHadTrades(repairExchanges(feeds), createRestClient({ broker: base.broker, clock })),
    onSynced,
    onStatus: observer.onStatus,
    log,
  }
  const prefixOf = (worker: number) => `part-${ids.collectorId}-${ids.bootId}-${worker}-`
  const hooks: SupervisorHooks = {
    hear: (message, worker) => answerWorker(message, worker, services),
    async recover(worker) {
      const prefix = prefixOf(worker)
      const recovery = { landingDirectory, clock, log, onSynced }
      await recoverParts(recovery, (path) => !path.includes(`/${prefix}`))
    },
    gone: (worker) => observer.onGone(worker, prefixOf(worker)),
    tell(event, shards) {
      base.push({ type: 'worker', event, feeds: shards })
      // A worker that had to be killed may end after everything is sealed.
      if (!isSealed) landing.landing.append(supervisorLines(event, shards, moment()))
    },
    noteProcesses: (pids) => noteWorkers(input.stateDirectory, pids),
  }
  const supervisor = openSupervisor({
    ...ids,
    clock,
    random: input.random,
    landingDirectory,
    workers: input.workers,
    planOf: (shard) => planOf(feeds, shard),
    symbolsOf: (shard) => symbolsOf(feedOf(feeds, shard)),
    fork: input.fork,
    hooks,
  })
  return {
    observer,
    supervisor,
    landing,
    onSynced,
    isOurs: (path) => path.includes(join('/', `part-${ids.collectorId}-${ids.bootId}-`)),
    async seal(cause, deadlineMs) {
      await supervisor.stop(cause, deadlineMs)
      landing.landing.append(collectorLines('collector_stopped', exchanges, moment()))
      isSealed = true
      await landing[Symbol.asyncDispose]()
    },
  }
}
