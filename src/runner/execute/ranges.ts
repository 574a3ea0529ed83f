import { HOUR_MS, type TimeRange } from '../../base/index.ts'

/** From the first start to the last end; an arbitrary hour for what is built once. */
export function rangeOf(partitions: readonly TimeRange[]): TimeRange {
  const startMs = partitions[0]?.startMs ?? 0
  const endMs = partitions.at(-1)?.endMs ?? 0
  return Number.isNaN(startMs) ? { startMs: 0, endMs: HOUR_MS } : { startMs, endMs }
}

/** Runs of partitions without a hole, in order. */
export function* neighbourRuns<Range extends TimeRange>(
  partitions: readonly Range[],
): Generator<readonly Range[]> {
  let run: Range[] = []
  for (const partition of partitions) {
    if (run.length > 0 && run.at(-1)?.endMs !== partition.startMs) {
      yield run
      run = []
    }
    run.push(partition)
  }
  if (run.length > 0) yield run
}
