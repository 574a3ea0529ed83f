import { resolve } from 'node:path'
import { limitsByAddress } from '../../collector/broker/limits.ts'
import { openBroker } from '../../collector/broker/open-broker.ts'
import { createRestClient } from '../../collector/broker/rest-client.ts'
import { randomId, readCollectorId } from '../../collector/collect/collector-id.ts'
import { type OwnLanding, openOwnLanding } from '../../collector/collect/own-landing.ts'
import { takeLock } from '../../collector/control/lock.ts'
import type { SyncedPart } from '../../collector/landing/landing.ts'
import { loadFiles } from '../../collector/load/index.ts'
import { type BackfillEvent, runBackfill } from '../../collector/repair/backfill.ts'
import type { Io } from '../shared/io.ts'
import { sourceTables } from '../shared/source-tables.ts'
import { type OpenWorkspace, openWarehouseOf, type Workspace } from '../shared/workspace.ts'
import { askedExchanges, type BackfillRequest } from './request.ts'

/** Where a backfill works, and for what. */
export interface BackfillPlace {
  readonly request: BackfillRequest
  readonly stateDirectory: string
}

/**
 * A backfill in this process, which holds the state directory meanwhile.
 *
 * @throws {KxError} KX_COLLECT_BUSY if another process has it, KX_WAREHOUSE_UNREACHABLE
 */
export async function* backfillHere(
  workspace: Workspace,
  io: Io,
  { request, stateDirectory }: BackfillPlace,
): AsyncGenerator<BackfillEvent, void> {
  const { clock, signal } = io
  await using _lock = await takeLock(stateDirectory, { command: 'backfill', nowMs: clock.now() })
  await using open = await openWarehouseOf(workspace, io, { command: 'backfill', threads: 1 })
  const exchanges = askedExchanges(workspace.project, io, request.instruments)
  await using broker = await openBroker({
    stateDirectory,
    clock,
    limitsOf: limitsByAddress(exchanges),
    log: (_level, _cause, message) => io.err(`warning: ${message}`),
  })
  const parts = new Set<string>()
  await using landing = openOwnLanding({
    directory: workspace.project.collect.landingDirectory,
    collectorId: await readCollectorId(stateDirectory, Math.random),
    bootId: randomId(Math.random),
    clock,
    onSynced: (synced: readonly SyncedPart[]) => {
      for (const { path } of synced) parts.add(path)
    },
    log: (level, _cause, message) => io.err(`${level === 'error' ? 'warning: ' : ''}${message}`),
  })
  yield* runBackfill({
    ...{ clock, signal, exchanges, range: request.range, instruments: request.instruments },
    warehouse: open.warehouse,
    table: { schema: 'bronze', name: 'ohlcv_native' },
    client: createRestClient({ broker, clock }),
    land: landing.land,
    nextFeedId: landing.nextFeedId,
    load: () => sealAndLoad(open, io, { landing, parts }),
  })
}

interface Landed {
  readonly landing: OwnLanding
  /** Below the landing directory. */
  readonly parts: ReadonlySet<string>
}

async function sealAndLoad(open: OpenWorkspace, io: Io, { landing, parts }: Landed): Promise<void> {
  await landing[Symbol.asyncDispose]()
  const paths = [...parts].filter((path) => !path.startsWith('dead-letters/'))
  if (paths.length === 0) return
  const { project, graph } = open
  const directory = project.collect.landingDirectory
  const stateDirectory = resolve(project.directory, '.kx')
  const options = { directory, projectDirectory: project.directory, stateDirectory, nowMs: io.clock.now() }
  const load = loadFiles({
    warehouse: open.warehouse,
    tables: sourceTables(graph),
    instruments: project.instruments,
    paths,
    options,
  })
  for await (const event of load) if (event.type === 'file-failed') throw event.error
}
