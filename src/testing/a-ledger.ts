import { HOUR_MS, type LedgerSnapshot, type ModelLedgerRows } from '../base/index.ts'
import type { Edge } from '../runner/model/index.ts'
import { assess, type PlanEdge, type PlanModel, type PlanRequest, planRun } from '../runner/plan/index.ts'

/** Hour 0 of every sketch, ms since the epoch. */
export const DAY = Date.parse('2024-05-01T00:00:00Z')

/** Hour `n` of the day, in hours after the epoch. */
export const hour = (n: number) => (DAY + n * HOUR_MS) / HOUR_MS

/** An input as the planner sees it; the parent has hours unless told. */
export const edge = (
  parent: string,
  from: PlanEdge['from'],
  window: Edge['window'] = 'own',
  parentGrain: PlanEdge['parentGrain'] = 'hour',
): PlanEdge => ({
  edge: { kind: from === 'source' ? 'source' : from === 'previous' ? 'previous' : 'ref', parent, window },
  from: window === 'none' ? 'none' : from,
  parent,
  parentGrain,
})

/** A model as the planner sees it: hourly, code 7. */
export const aPlanModel = (
  id: string,
  edges: readonly PlanEdge[],
  rest: Partial<PlanModel> = {},
): PlanModel => ({
  id,
  kind: 'incremental',
  grain: 'hour',
  codeHash: 7,
  vars: {},
  edges,
  batch: 24,
  beginMs: undefined,
  settleMs: 180_000,
  isProtected: false,
  hasPrevious: edges.some(({ from }) => from === 'previous'),
  ...rest,
})

/** `{ 0: 5, 1: 6 }`: hour 0 holds version 5, hour 1 version 6. */
export type Hours = Readonly<Record<number, number>>

const columns = (hours: Hours) => ({
  starts: Float64Array.from(Object.keys(hours), (key) => hour(Number(key))),
  versions: Float64Array.from(Object.values(hours)),
})

/** What a model's table holds: its hours' versions, and the inputs they were built from. */
export const heldHours = (hours: Hours, inputs: readonly string[], codeHash = 7): ModelLedgerRows => ({
  ...columns(hours),
  codeHashes: new Float64Array(Object.keys(hours).length).fill(codeHash),
  inputs,
})

/** A whole ledger. */
export const snapshot = (
  sources: Record<string, Hours>,
  models: Record<string, ModelLedgerRows> = {},
  rest: Partial<LedgerSnapshot> = {},
): LedgerSnapshot => ({
  models: new Map(Object.entries(models)),
  exceptions: [],
  sources: new Map(
    Object.entries(sources).map(([id, hours]) => [id, { ...columns(hours), prunedStarts: [] }]),
  ),
  ranges: new Map(),
  vars: new Map(),
  ...rest,
})

/** A request for whatever is to be done in `models`. */
export const everything = (...models: readonly PlanModel[]): PlanRequest => ({
  selected: new Set(models.map(({ id }) => id)),
  range: undefined,
  states: undefined,
  within: undefined,
  isFullRefresh: false,
  isForced: false,
  isConfirmed: false,
})

/** A plan as text, one line per partition: `gold@1 possible input`. Hours count from DAY. */
export const planned = (
  models: readonly PlanModel[],
  ledger: LedgerSnapshot,
  request: Partial<PlanRequest> = {},
  nowMs = DAY + 100 * HOUR_MS,
  allowPartial = false,
): string[] => {
  const plan = planRun(assess({ models, ledger, nowMs, allowPartial }), {
    ...everything(...models),
    ...request,
  })
  return plan.models.flatMap(({ model, partitions }) =>
    partitions.map(
      (p) =>
        `${model.id}@${Number.isNaN(p.startMs) ? 'once' : (p.startMs - DAY) / HOUR_MS} ${p.certainty} ${p.reason.kind}${p.blockedBy === undefined ? '' : ` blocked by ${p.blockedBy}`}`,
    ),
  )
}
