import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { KxError, parseDuration } from '../../base/index.ts'
import { checkTickExchanges } from '../../collector/ccxt/check-ids.ts'
import { type ChosenFeeds, planFeeds } from '../../collector/collect/plan-feeds.ts'
import { planWorkers } from '../../collector/collect/plan-workers.ts'
import { mapperOf } from '../../collector/exchange/index.ts'
import type { WorkerShards } from '../../collector/supervise/shards.ts'
import type { Project } from '../../runner/index.ts'
import { exchangesOf, symbolsOf } from '../shared/asked-lists.ts'
import type { Io } from '../shared/io.ts'
import { type GlobalOptions, wholeNumber } from '../shared/workspace.ts'

/** Options of `kx collect`. */
export interface CollectOptions extends GlobalOptions {
  readonly exchanges?: string
  readonly symbols?: string
  readonly duration?: string
  readonly dryRun?: boolean
  readonly load?: boolean
  readonly upload?: boolean
  readonly retain?: string
  readonly planInput?: string
  readonly workers?: string
  readonly port?: string
}

/** What `kx collect` was asked to do, checked against the project. */
export interface CollectRequest extends ChosenFeeds {
  readonly workers: readonly WorkerShards[]
  readonly stateDirectory: string
  readonly durationMs: number | undefined
  /** Parts are deleted so long after their hour, ms; undefined: when space calls for it. */
  readonly retainMs: number | undefined
  readonly port: number
}

/** State of the collector of a project. */
export function stateDirectoryOf(project: Pick<Project, 'directory'>): string {
  return resolve(project.directory, '.kx', 'collect')
}

/**
 * Reads the options and decides what is collected, and by whom. Touches no network.
 *
 * @throws {KxError} KX_USAGE, KX_COLLECT_PLAN, KX_EXCHANGE_UNKNOWN
 */
export async function readRequest(
  project: Project,
  io: Pick<Io, 'env' | 'cwd' | 'clock'>,
  options: CollectOptions,
): Promise<CollectRequest> {
  const { collect: settings, instruments } = project
  const chosen = planFeeds(
    {
      ...{ instruments, settings, env: io.env },
      exchanges: exchangesOf(options.exchanges, project.exchangeAliases ?? {}),
      symbols: symbolsOf(options.symbols),
      nowMs: io.clock.now(),
    },
    mapperOf,
  )
  checkTickExchanges(chosen.feeds)
  const stateDirectory = stateDirectoryOf(project)
  const workers = await planWorkers({
    stateDirectory,
    feeds: chosen.feeds,
    workers: wholeNumber('--workers', options.workers) ?? settings.workers,
    cores: availableParallelism(),
    planInput: options.planInput === undefined ? undefined : resolve(io.cwd, options.planInput),
  })
  return {
    ...chosen,
    workers,
    stateDirectory,
    durationMs: durationOf('--duration', options.duration),
    retainMs: durationOf('--retain', options.retain) ?? settings.retainMs,
    port: portOf(options.port) ?? settings.port,
  }
}

function durationOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = parseDuration(text)
  if (ms !== undefined && ms > 0) return ms
  throw new KxError('KX_USAGE', `${option} ${text} is not a duration`, {
    hint: `Write ${option} 30m, 2h or 1d.`,
  })
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (/^\d+$/.test(text) && port < 65_536) return port
  throw new KxError('KX_USAGE', `--port ${text} is not a port`, { hint: 'Write --port 9464, or 0 for any.' })
}
