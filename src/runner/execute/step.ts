import { isKxError, KxError } from '../../base/index.ts'
import { recordAttempt, type Session } from '../../warehouse/index.ts'
import { formatReason, type PlannedPartition, type Step } from '../plan/index.ts'
import { buildPartitions, type Outcome } from './build.ts'
import { type Claim, claim, release } from './claim.ts'
import type { RunContext } from './context.ts'
import type { StepEvent, StepStatus } from './events.ts'
import { remedyFor, TRIES } from './failure.ts'
import type { HeldSession } from './held-session.ts'
import { cancelWhenInterrupted } from './interrupt.ts'
import type { PreparedModel } from './prepare.ts'
import { neighbourRuns, rangeOf } from './ranges.ts'

/** What came of a step: its lines, what it could not claim, what failed, and whether the model is broken. */
export interface StepResult {
  readonly events: readonly StepEvent[]
  readonly claimedElsewhere: readonly PlannedPartition[]
  readonly failedStartsMs: readonly number[]
  readonly isModelBroken: boolean
}

/** Builds a step on a session of its own: claim, build, split on bad data, write failures down. */
export async function runStep(
  context: RunContext,
  held: HeldSession,
  { prepared, step, partitions }: StepWork,
): Promise<StepResult> {
  const startedMs = context.clock.now()
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryStep(context, held, { prepared, step, partitions })
    } catch (error) {
      if (remedyFor(error) !== 'again' || context.signal.aborted) throw error
      if (attempt === TRIES) {
        // Without a server there is nothing to go on with; a deadlock, say, is this step's own.
        if (isKxError(error, 'KX_WAREHOUSE_UNREACHABLE') || !(error instanceof Error)) throw error
        const failed = await noteFailure(await held.get(), context, { step, partitions, error, startedMs })
        return { ...failed, claimedElsewhere: [] }
      }
      await held.replace()
      await context.clock.sleep(50 * 4 ** attempt * (0.5 + Math.random()), context.signal)
    }
  }
}

/** A step, the model's statements, and the partitions that are still to be built. */
export interface StepWork {
  readonly prepared: PreparedModel
  readonly step: Pick<Step, 'model' | 'reason'>
  readonly partitions: readonly PlannedPartition[]
}

async function tryStep(
  context: RunContext,
  held: HeldSession,
  { prepared, step, partitions }: StepWork,
): Promise<StepResult> {
  const session = await held.get()
  await using _cancelling = cancelWhenInterrupted(context, session)
  const claimed = await claim(session, context, step.model.id, partitions)
  try {
    const result = await buildClaimed(session, context, prepared, step, claimed)
    return { ...result, claimedElsewhere: claimed.theirs }
  } finally {
    await release(session, context, step.model.id, claimed)
  }
}

type Built = Omit<StepResult, 'claimedElsewhere'>

async function buildClaimed(
  session: Session,
  context: RunContext,
  prepared: PreparedModel,
  step: Pick<Step, 'model' | 'reason'>,
  { mine }: Claim,
): Promise<Built> {
  const results: Built[] = []
  for (const run of neighbourRuns(mine))
    results.push(await buildOrSplit(session, context, prepared, step, run))
  return {
    events: results.flatMap(({ events }) => events),
    failedStartsMs: results.flatMap(({ failedStartsMs }) => failedStartsMs),
    isModelBroken: results.some(({ isModelBroken }) => isModelBroken),
  }
}

async function buildOrSplit(
  session: Session,
  context: RunContext,
  prepared: PreparedModel,
  step: Pick<Step, 'model' | 'reason'>,
  partitions: readonly PlannedPartition[],
): Promise<Built> {
  const startedMs = context.clock.now()
  try {
    const outcome = await buildPartitions(session, context, prepared, { partitions, reason: step.reason })
    const durationMs = context.clock.now() - startedMs
    return {
      events: outcomeEvents(step, partitions, outcome, durationMs),
      failedStartsMs: [],
      isModelBroken: false,
    }
  } catch (error) {
    const remedy = remedyFor(error)
    // What an interruption did is no failure of the step's own.
    if (remedy === 'again' || context.signal.aborted || !(error instanceof Error)) throw error
    if (remedy === 'split' && partitions.length > 1) {
      const middle = partitions.length >> 1
      const first = await buildOrSplit(session, context, prepared, step, partitions.slice(0, middle))
      const second = await buildOrSplit(session, context, prepared, step, partitions.slice(middle))
      return {
        events: [...first.events, ...second.events],
        failedStartsMs: [...first.failedStartsMs, ...second.failedStartsMs],
        isModelBroken: first.isModelBroken || second.isModelBroken,
      }
    }
    return noteFailure(session, context, { step, partitions, error, startedMs })
  }
}

/** Writes a failed attempt down beside what the table still holds. */
async function noteFailure(
  session: Session,
  context: RunContext,
  { step, partitions, error, startedMs }: Omit<StepWork, 'prepared'> & { error: Error; startedMs: number },
): Promise<Built> {
  const told = isKxError(error) ? error : new KxError('KX_SQL_FAILED', error.message, { cause: error })
  const durationMs = context.clock.now() - startedMs
  const startsMs = partitions.map(({ startMs }) => startMs)
  await recordAttempt(session, context.warehouse.target, {
    model: step.model.id,
    runId: context.runId,
    reason: formatReason(step.reason),
    durationMs,
    startsMs,
    code: told.code,
    error: told.message,
  })
  const event = { ...eventOf(step, partitions, 'failed'), durationMs, error: told }
  return { events: [event], failedStartsMs: startsMs, isModelBroken: remedyFor(error) === 'model' }
}

function outcomeEvents(
  step: Pick<Step, 'model' | 'reason'>,
  partitions: readonly PlannedPartition[],
  { built, current, frozen }: Outcome,
  durationMs: number,
): StepEvent[] {
  const events: StepEvent[] = []
  const sum = (of: (b: Outcome['built'][number]) => number) => built.reduce((total, b) => total + of(b), 0)
  if (built.length > 0) {
    const written = sum((b) => b.written)
    const deleted = sum((b) => b.deleted)
    const isChanged = built.some((b) => b.isChanged)
    const base = eventOf(step, partitions, isChanged ? 'built' : 'unchanged')
    events.push({ ...base, partitions: built.length, rows: sum((b) => b.rows), written, deleted, durationMs })
  }
  if (current > 0) events.push({ ...eventOf(step, partitions, 'current'), partitions: current, durationMs })
  if (frozen > 0) events.push({ ...eventOf(step, partitions, 'frozen'), partitions: frozen, durationMs })
  return events
}

/** A bare line about some partitions of a step. */
export function eventOf(
  step: Pick<Step, 'model' | 'reason'>,
  partitions: readonly PlannedPartition[],
  status: StepStatus,
): StepEvent {
  const isOnce = Number.isNaN(partitions[0]?.startMs ?? Number.NaN)
  const { startMs, endMs } = isOnce ? { startMs: Number.NaN, endMs: Number.NaN } : rangeOf(partitions)
  return {
    type: 'step',
    model: step.model.id,
    startMs,
    endMs,
    partitions: partitions.length,
    status,
    reason: step.reason,
    rows: 0,
    written: 0,
    deleted: 0,
    durationMs: 0,
  }
}
