import type { LedgerSnapshot } from '../../base/index.ts'
import {
  type AssessedModel,
  assess,
  type Deferred,
  type PlanModel,
  planModels,
  renamesOf,
} from '../../runner/index.ts'
import { readLedger } from '../../warehouse/index.ts'
import type { OpenWorkspace } from './workspace.ts'

/** Which models' states are wanted, as of when. */
export interface AssessOptions {
  readonly selected: ReadonlySet<string>
  readonly nowMs: number
  readonly allowPartial: boolean
  /** Most hours in one statement. */
  readonly maxBatch?: number | undefined
  /** Models whose ledger another target keeps. */
  readonly deferred?: Deferred | undefined
}

/** States of the selected models and of all that they read. */
export async function assessModels(
  { warehouse, graph, project }: OpenWorkspace,
  { selected, nowMs, allowPartial, maxBatch, deferred }: AssessOptions,
): Promise<ReadonlyMap<string, AssessedModel>> {
  const wanted = new Set([...selected, ...graph.ancestors(selected)])
  const models: PlanModel[] = planModels(graph, {
    beginMs: project.beginMs,
    ...(maxBatch === undefined ? {} : { maxBatch }),
  }).filter(({ id }) => wanted.has(id))
  const sources = [...wanted].filter((id) => graph.nodes.get(id)?.kind === 'source')
  const [there, here] = partition(models, ({ id }) => deferred?.ids.has(id) ?? false)
  const renames = renamesOf(graph)
  const olds = here.flatMap((id) => renames.get(id) ?? [])
  const ledger = underNewNames(await readLedger(warehouse, { models: [...here, ...olds], sources }), renames)
  if (deferred === undefined || there.length === 0) return assess({ models, ledger, nowMs, allowPartial })
  const target = { ...warehouse.target, schemaPrefix: deferred.schemaPrefix }
  const other = await readLedger({ ...warehouse, target }, { models: there, sources: [] })
  const both = {
    ...ledger,
    models: new Map([...ledger.models, ...other.models]),
    exceptions: [...ledger.exceptions, ...other.exceptions],
    vars: new Map([...ledger.vars, ...other.vars]),
  }
  return assess({ models, ledger: both, nowMs, allowPartial })
}

/** Ids of those that pass, then of those that do not. */
function partition(
  models: readonly PlanModel[],
  test: (model: PlanModel) => boolean,
): [readonly string[], readonly string[]] {
  const ids = (isWanted: boolean) => models.filter((m) => test(m) === isWanted).map(({ id }) => id)
  return [ids(true), ids(false)]
}

/** What a model built under its old name is its own, as long as it has built nothing under the new one. */
function underNewNames(ledger: LedgerSnapshot, renames: ReadonlyMap<string, string>): LedgerSnapshot {
  const carried = [...renames].filter(([id, old]) => !ledger.models.has(id) && ledger.models.has(old))
  if (carried.length === 0) return ledger
  const idByOld = new Map(carried.map(([id, old]) => [old, id]))
  const named = <Value>([id, value]: readonly [string, Value]) => [idByOld.get(id) ?? id, value] as const
  return {
    ...ledger,
    models: new Map([...ledger.models].map(named)),
    vars: new Map([...ledger.vars].map(named)),
    exceptions: ledger.exceptions.map((one) => ({ ...one, model: idByOld.get(one.model) ?? one.model })),
  }
}
