import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isKxError, KxError } from '../../base/index.ts'
import type { FeedPlan } from '../feed/feed.ts'
import type { Meter } from '../supervise/meter.ts'
import { type CollectPlan, checkPlan, parsePlan, renderPlan } from '../supervise/plan-file.ts'
import { planShards, type WorkerShards } from '../supervise/shards.ts'
import { writeSynced } from './collector-id.ts'
import { feedLoads } from './feed-loads.ts'

/** What decides who collects what. */
export interface WorkerPlanning {
  readonly stateDirectory: string
  readonly feeds: readonly FeedPlan[]
  /** Most workers; undefined: as the machine and the exchanges call for. */
  readonly workers: number | undefined
  readonly cores: number
  /** A plan to take as it is, absolute; undefined: one is made. */
  readonly planInput: string | undefined
}

/**
 * Who collects what: as the given plan says, else by load, as the last collector measured it. Writes nothing.
 *
 * @throws {KxError} KX_COLLECT_PLAN if a given plan cannot be read or does not fit
 */
export async function planWorkers(planning: WorkerPlanning): Promise<readonly WorkerShards[]> {
  const { feeds, workers, cores, planInput } = planning
  if (planInput !== undefined) {
    const plan = parsePlan(await readGiven(planInput), planInput)
    checkPlan(
      plan,
      feedLoads(feeds, () => undefined),
      planInput,
    )
    return plan.workers
  }
  const last = await readLast(planFile(planning.stateDirectory))
  const loads = feedLoads(feeds, (exchange, kind) =>
    last?.measured.find((feed) => feed.exchange === exchange && feed.kind === kind),
  )
  return planShards({ loads, workers, cores })
}

/** Writes the plan that runs, with what was measured of it. */
export async function writePlan(
  stateDirectory: string,
  { created, workers, feeds, meter }: WrittenPlan,
): Promise<void> {
  const last = await readLast(planFile(stateDirectory))
  const measured = feeds.flatMap(({ exchange, kind }) => {
    const rates = meter.rates(exchange, kind)
    const before = last?.measured.find((feed) => feed.exchange === exchange && feed.kind === kind)
    return rates ? [{ exchange, kind, ...rates }] : before ? [before] : []
  })
  await mkdir(dirname(planFile(stateDirectory)), { recursive: true })
  await writeSynced(planFile(stateDirectory), renderPlan({ created, workers, measured }))
}

export interface WrittenPlan {
  /** ISO 8601. */
  readonly created: string
  readonly workers: readonly WorkerShards[]
  readonly feeds: readonly FeedPlan[]
  readonly meter: Meter
}

/** Where the plan of a state directory is. */
export function planFile(stateDirectory: string): string {
  return join(stateDirectory, 'plan.json')
}

async function readGiven(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new KxError('KX_COLLECT_PLAN', `${path} cannot be read: ${(cause as Error).message}`, {
      hint: 'Correct the path of --plan-input.',
      cause,
    })
  }
}

/** The last plan; without one, or with one that cannot be read, nothing was measured. */
async function readLast(path: string): Promise<CollectPlan | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  try {
    return text === undefined ? undefined : parsePlan(text, path)
  } catch (error) {
    if (isKxError(error)) return undefined
    throw error
  }
}
