import { grainMs, HOUR_MS } from '../../base/index.ts'
import type { AssessedModel, Plan } from '../../runner/index.ts'
import { duration, hourRanges, plural, rangeText } from '../shared/format.ts'
import type { OpenWorkspace } from '../shared/workspace.ts'

/** What a run should say before it starts: data that is late, parents that are stale, hours held back. */
export function warnings(
  { project }: OpenWorkspace,
  assessed: ReadonlyMap<string, AssessedModel>,
  plan: Plan,
  nowMs: number,
): string[] {
  const lines: string[] = []
  const lagMs = lagOf(assessed, nowMs)
  if (lagMs !== undefined && lagMs > project.maxLagMs) {
    lines.push(
      `the newest hour ended ${duration(lagMs)} ago, more than max_lag ${duration(project.maxLagMs)}`,
    )
  }
  for (const [id, count] of plan.staleParents) {
    lines.push(`${id} is not selected and has ${plural(count, 'stale partition')}: they are read as they are`)
  }
  for (const { model, frozen, leftStale, protectedHours } of plan.models) {
    if (frozen > 0) lines.push(`${model.id}: ${plural(frozen, 'partition')} frozen, their inputs were pruned`)
    if (protectedHours > 0) {
      lines.push(
        `${model.id} is protected: ${plural(protectedHours, 'partition')} changed by code alone wait for --yes or --select`,
      )
    }
    if (leftStale.length > 0) {
      const [first] = hourRanges(
        leftStale.map(({ startMs }) => startMs),
        grainMs(model.grain ?? 'hour'),
      )
      const where =
        first === undefined
          ? ''
          : ` (${rangeText(first.startMs, first.endMs)}${leftStale.length > 1 ? ' …' : ''})`
      lines.push(
        `${model.id}: ${plural(leftStale.length, 'partition')} outside --partition may now be stale${where}`,
      )
    }
  }
  return lines
}

/** Partitions of protected models that wait for --yes or --select. */
export function heldPartitions({ models }: Plan): number {
  return models.reduce((sum, { protectedHours }) => sum + protectedHours, 0)
}

/** How far behind now the newest partition of any hourly model is, ms. */
export function lagOf(assessed: ReadonlyMap<string, AssessedModel>, nowMs: number): number | undefined {
  const ends = [...assessed.values()]
    .filter(({ model, partitions }) => model.grain === 'hour' && partitions.length > 0)
    .map(({ partitions }) => partitions.at(-1)?.endMs ?? nowMs)
  return ends.length === 0
    ? undefined
    : Math.max(0, Math.floor((nowMs - Math.max(...ends)) / HOUR_MS) * HOUR_MS)
}
