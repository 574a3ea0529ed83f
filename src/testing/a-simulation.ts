import { HOUR_MS, hashText, type LedgerSnapshot, type TimeRange } from '../base/index.ts'
import { assess, ledgerInputs, type Plan, type PlanModel, planRun, stepsOf } from '../runner/plan/index.ts'
import { DAY, everything } from './a-ledger.ts'

interface Held {
  readonly version: number
  readonly codeHash: number
  readonly inputs: string
  readonly rows: number
}

/** A warehouse of numbers: what a model holds of an hour is a small number made of what it read. */
export interface Simulation {
  /** Adds rows to an hour of a source, counted from DAY. */
  feed(source: string, hour: number): void
  plan(): Plan
  /** Runs a plan; `pick` chooses among the steps that may start. Gives what was rebuilt: `gold@3`. */
  run(plan: Plan, pick: (ready: number) => number): string[]
  /** What every partition holds, by `gold@3`. */
  contents(): ReadonlyMap<string, number>
}

/** Begins with empty tables. `hoursLong` after DAY is now; `coarse`: so few values that many come out equal. */
export function aSimulation(
  models: () => readonly PlanModel[],
  { hoursLong, coarse }: { hoursLong: number; coarse: number },
): Simulation {
  const sources = new Map<string, Map<number, { version: number; rows: number }>>()
  const held = new Map<string, Map<number, Held>>()
  let version = 0
  const ledger = (): LedgerSnapshot => ({
    models: new Map(
      [...held].map(([id, rows]) => [
        id,
        {
          starts: Float64Array.from(rows.keys(), (at) => at / HOUR_MS),
          versions: Float64Array.from(rows.values(), (row) => row.version),
          codeHashes: Float64Array.from(rows.values(), (row) => row.codeHash),
          inputs: Array.from(rows.values(), (row) => row.inputs),
        },
      ]),
    ),
    exceptions: [],
    sources: new Map(
      [...sources].map(([id, rows]) => [
        id,
        {
          starts: Float64Array.from(rows.keys(), (at) => at / HOUR_MS),
          versions: Float64Array.from(rows.values(), (row) => row.version),
          prunedStarts: [],
        },
      ]),
    ),
    ranges: new Map(),
    vars: new Map(),
  })
  const read = (model: PlanModel, range: TimeRange | undefined): number => {
    const rows = model.edges.map(({ edge, parent, parentGrain }) => {
      const from = [...(sources.get(parent) ?? held.get(parent) ?? [])]
      const probe = ledgerInputs({
        ...ledger(),
        models: new Map(),
        sources: new Map([
          [
            parent,
            {
              starts: Float64Array.from(from, ([at]) => at / HOUR_MS),
              versions: Float64Array.from(from, ([, row]) => row.rows + 1),
              prunedStarts: [],
            },
          ],
        ]),
      })
      return probe.hash({ edge, parent, parentGrain, from: 'source' }, range)
    })
    return hashText(`${model.codeHash} ${rows.join(' ')}`) % coarse
  }
  const build = (model: PlanModel, startMs: number, endMs: number): boolean => {
    const range = Number.isNaN(startMs) ? undefined : { startMs, endMs }
    const inputs = ledgerInputs(ledger())
    const now = model.edges.map((edge) => inputs.hash(edge, range)).join(':')
    const rows = held.get(model.id) ?? new Map<number, Held>()
    held.set(model.id, rows)
    const before = rows.get(startMs)
    if (before?.codeHash === model.codeHash && before.inputs === now) return false
    const content = read(model, range)
    const isMoved = before === undefined || before.rows !== content
    rows.set(startMs, {
      version: isMoved ? ++version : before.version,
      codeHash: model.codeHash,
      inputs: now,
      rows: content,
    })
    return true
  }
  const key = (id: string, startMs: number) =>
    `${id}@${Number.isNaN(startMs) ? 'once' : (startMs - DAY) / HOUR_MS}`
  return {
    feed(source, hour) {
      const rows = sources.get(source) ?? new Map<number, { version: number; rows: number }>()
      sources.set(source, rows)
      const at = DAY + hour * HOUR_MS
      rows.set(at, { version: ++version, rows: (rows.get(at)?.rows ?? 0) + 1 })
    },
    plan: () =>
      planRun(
        assess({ models: models(), ledger: ledger(), nowMs: DAY + hoursLong * HOUR_MS, allowPartial: false }),
        everything(...models()),
      ),
    run(plan, pick) {
      const rebuilt: string[] = []
      const steps = stepsOf(plan)
      const ended = new Set<number>()
      while (ended.size < steps.length) {
        const ready = steps.filter(
          ({ index, needs, after }) =>
            !ended.has(index) && [...needs, ...after].every((parent) => ended.has(parent)),
        )
        const step = ready[pick(ready.length)]
        if (step === undefined) throw new Error(`no step of ${steps.length - ended.size} may start`)
        for (const { startMs, endMs } of step.partitions) {
          if (build(step.model, startMs, endMs)) rebuilt.push(key(step.model.id, startMs))
        }
        ended.add(step.index)
      }
      return rebuilt
    },
    contents: () =>
      new Map(
        [...held].flatMap(([id, rows]) => [...rows].map(([at, row]) => [key(id, at), row.rows] as const)),
      ),
  }
}
