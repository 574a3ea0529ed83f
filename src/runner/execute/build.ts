import { KxError, partitionKey, type TimeRange } from '../../base/index.ts'
import { type BuiltPartition, recordStep, type Session } from '../../warehouse/index.ts'
import { formatReason, type PlannedPartition, type Reason } from '../plan/index.ts'
import { type LookRow, literalSql } from '../sql/index.ts'
import { checkBlocking } from './blocking.ts'
import type { RunContext } from './context.ts'
import { type Look, readLook } from './look.ts'
import type { PreparedModel } from './prepare.ts'
import { neighbourRuns, rangeOf } from './ranges.ts'
import { type WriteRow, writePartitions } from './write.ts'

/** What a step did: partitions it built, left alone, or found frozen. */
export interface Outcome {
  readonly built: readonly BuiltPartition[]
  readonly current: number
  readonly frozen: number
}

/**
 * Builds neighbouring partitions in one transaction: look, write the difference, check, write it down, commit.
 * What the ledger by now calls current is left alone.
 *
 * @throws {KxError} with everything rolled back
 */
export async function buildPartitions(
  session: Session,
  context: RunContext,
  prepared: PreparedModel,
  step: { readonly partitions: readonly PlannedPartition[]; readonly reason: Reason },
): Promise<Outcome> {
  const startedMs = context.clock.now()
  try {
    const outcome = await buildInside(session, context, prepared, { ...step, startedMs })
    context.signal.throwIfAborted()
    await session.query('commit')
    return outcome
  } catch (error) {
    await session.query('rollback').catch(() => undefined)
    throw error
  }
}

interface Building {
  readonly partitions: readonly PlannedPartition[]
  readonly reason: Reason
  readonly startedMs: number
}

async function buildInside(
  session: Session,
  context: RunContext,
  prepared: PreparedModel,
  step: Building,
): Promise<Outcome> {
  const range = rangeOf(step.partitions)
  const look = await lookAt(session, context, prepared, range)
  const due = step.partitions.filter((partition) => !look.isCurrent(partition))
  const frozen = context.isForced ? 0 : due.filter((partition) => look.isFrozen(partition)).length
  const todo = frozen === 0 ? due : due.filter((partition) => !look.isFrozen(partition))
  const current = step.partitions.length - due.length
  const built: BuiltPartition[] = []
  let isRowCheckPassed = true
  for (const run of neighbourRuns(todo)) {
    const written =
      prepared.plan.kind === 'view'
        ? []
        : await writePartitions(session, context, prepared, { run, isFresh: !look.isOccupied })
    isRowCheckPassed &&= written.length > 0 && written.every(({ wrong }) => wrong === 0)
    built.push(...run.map((partition) => builtPartition(partition, written, look, prepared)))
  }
  if (built.length === 0) return { built, current, frozen }
  checkEmptied(prepared, built, look)
  await checkBlocking(session, context, prepared, { range, isRowCheckPassed })
  await recordStep(session, context.warehouse.target, {
    model: prepared.plan.id,
    runId: context.runId,
    codeHash: prepared.plan.codeHash,
    reason: formatReason(step.reason),
    durationMs: context.clock.now() - step.startedMs,
    partitions: built,
  })
  return { built, current, frozen }
}

/** Opens the transaction, in one round trip with its first look. */
async function lookAt(
  session: Session,
  context: RunContext,
  prepared: PreparedModel,
  range: TimeRange,
): Promise<Look> {
  const look = literalSql(prepared.look, range)
  const { rows } = await session.query<LookRow>(`begin isolation level repeatable read;\n${look}`)
  const found = readLook(rows, prepared.plan)
  found.checkSources((relation, hourMs, have, expected) => {
    throw new KxError(
      'KX_SOURCE_SHRUNK',
      `${relation} has ${have} rows in ${partitionKey(hourMs)}, its ledger says ${expected}`,
      {
        hint: `Load the missing rows again (kx load --again FILE), or retire them with kx prune.`,
        at: { file: context.graph.nodes.get(relation)?.file ?? relation },
      },
    )
  })
  return found
}

function builtPartition(
  partition: PlannedPartition,
  rows: readonly WriteRow[],
  look: Look,
  { plan }: PreparedModel,
): BuiltPartition {
  const row = rows.find(({ at_ms }) => at_ms === null || at_ms === partition.startMs)
  const before = look.own(partition)
  const written = row?.written ?? 0
  const deleted = row?.deleted ?? 0
  const isOtherCode = before?.codeHash !== plan.codeHash
  const isMoved = plan.kind === 'view' ? isOtherCode : written + deleted > 0
  return {
    startMs: partition.startMs,
    isPartial: partition.isEarly,
    inputs: look.inputs(partition),
    rows: row?.rows ?? 0,
    written,
    deleted,
    isChanged: before === undefined || isMoved,
  }
}

/** `replace` must not empty a partition when nothing it reads has changed: then the source is what is wrong. */
function checkEmptied(prepared: PreparedModel, built: readonly BuiltPartition[], look: Look): void {
  if (prepared.target.strategy !== 'replace') return
  for (const { startMs, rows, inputs } of built) {
    const before = look.own({ startMs })
    const isSame = before?.codeHash === prepared.plan.codeHash && before.inputs === inputs.join(':')
    if (rows > 0 || before === undefined || before.rows === 0 || !isSame) continue
    throw new KxError(
      'KX_PARTITION_EMPTIED',
      `${prepared.plan.id} would lose all ${before.rows} rows of ${partitionKey(startMs)} though no input changed`,
      { hint: 'Look for rows that were removed from its sources by hand.', at: { file: prepared.node.file } },
    )
  }
}
