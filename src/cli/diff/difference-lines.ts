import type { Cells, StreamDifference } from '../../runner/check/index.ts'
import { count, plural, table } from '../shared/format.ts'
import { shorten } from '../test/print-assertion.ts'

/** What the two sides are called: `here` and `in prod`, `the first time` and `the second time`. */
export interface Sides {
  readonly left: string
  readonly right: string
}

/** Counts of each kind of difference, then counts by column, then a table with the first rows of each kind. */
export function differenceLines(
  difference: StreamDifference,
  { columns, sides }: { columns: readonly string[]; sides: Sides },
): string[] {
  const { onlyLeft, onlyRight, different, byColumn, samples } = difference
  const lines = [countsText(difference, sides)]
  if (different > 0) {
    const counts = [...byColumn].sort((a, b) => b[1] - a[1]).map(([name, n]) => `${name} ${count(n)}`)
    lines.push(`different in ${counts.join(', ')}`)
  }
  if (onlyLeft + onlyRight + different === 0) return lines
  const cells = (row: Cells) => row.map((cell) => shorten(cell ?? 'null'))
  const rows = [
    ...samples.different.map(({ left, right }) => [
      '≠',
      ...columns.map((_, i) => {
        const [a, b] = [shorten(left[i] ?? 'null'), shorten(right[i] ?? 'null')]
        return left[i] === right[i] ? a : `${a} ≠ ${b}`
      }),
    ]),
    ...samples.onlyLeft.map((row) => ['−', ...cells(row)]),
    ...samples.onlyRight.map((row) => ['+', ...cells(row)]),
  ]
  if (rows.length > 0) lines.push(...table([['', ...columns], ...rows]).map((line) => `  ${line}`))
  return lines
}

function countsText({ same, onlyLeft, onlyRight, different }: StreamDifference, sides: Sides): string {
  return [
    `${plural(same, 'row')} the same`,
    `${count(different)} different`,
    `${count(onlyLeft)} only ${sides.left} (−)`,
    `${count(onlyRight)} only ${sides.right} (+)`,
  ].join(', ')
}

/** The same for machines. */
export function differenceJson(
  { same, onlyLeft, onlyRight, different, byColumn, samples }: StreamDifference,
  columns: readonly string[],
): object {
  const named = (row: Cells) => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null]))
  return {
    same,
    only_left: onlyLeft,
    only_right: onlyRight,
    different,
    by_column: Object.fromEntries(byColumn),
    rows: {
      only_left: samples.onlyLeft.map(named),
      only_right: samples.onlyRight.map(named),
      different: samples.different.map(({ left, right }) => ({ left: named(left), right: named(right) })),
    },
  }
}
