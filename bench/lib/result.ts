import { type Rounds, ratios, type Spread, spreadOf } from './rounds.ts'

/** What was measured against a limit. */
export interface Result {
  readonly id: string
  readonly title: string
  readonly unit: '×' | 's' | 'MB'
  /** Undefined: printed, not judged. */
  readonly limit: { readonly atMost: number } | { readonly atLeast: number } | undefined
  readonly value: Spread
  readonly rounds: number
  /** Median ms of each thing that was run. */
  readonly medianMs?: Readonly<Record<string, number>>
  readonly note?: string
}

export function isWithin({ limit, value }: Pick<Result, 'limit' | 'value'>): boolean | undefined {
  if (limit === undefined) return undefined
  return 'atMost' in limit ? value.median <= limit.atMost : value.median >= limit.atLeast
}

/** The ratio of two that took turns: median and spread of the rounds' ratios. */
export function ratioResult<Name extends string>(
  rounds: Rounds<Name>,
  { of, to, ...rest }: Pick<Result, 'id' | 'title' | 'limit'> & { of: Name; to: Name; note?: string },
): Result {
  const values = ratios(rounds[of], rounds[to])
  const medianMs = { [of]: spreadOf(rounds[of]).median, [to]: spreadOf(rounds[to]).median }
  return { ...rest, unit: '×', value: spreadOf(values), rounds: values.length, medianMs }
}

/** The most memory of one command, against the limit for all. */
export function peakResult(id: string, title: string, peaksMb: readonly number[]): Result {
  const value = spreadOf(peaksMb)
  return {
    id,
    title: `${title}: peak memory`,
    unit: 'MB',
    limit: { atMost: 200 },
    value,
    rounds: peaksMb.length,
  }
}

/** The results as a table for people. */
export function formatResults(results: readonly Result[]): string[] {
  const rows = results.map((result) => [
    result.title,
    limitText(result),
    `${shown(result.value.median)} ${result.unit}`,
    `${shown(result.value.min)}..${shown(result.value.max)}`,
    { true: 'ok', false: 'FAIL', undefined: '' }[String(isWithin(result)) as 'true' | 'false' | 'undefined'],
    Object.entries(result.medianMs ?? {})
      .map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`)
      .join(' · '),
  ])
  const all = [['measure', 'limit', 'median', 'spread', '', 'medians'], ...rows]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function limitText({ limit, unit }: Result): string {
  if (limit === undefined) return ''
  return 'atMost' in limit ? `≤ ${limit.atMost} ${unit}` : `≥ ${limit.atLeast} ${unit}`
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2)
}
