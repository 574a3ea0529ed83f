/** A row of cells as Postgres prints them; null is null. */
export type Cells = readonly (string | null)[]

/** Two rows that are meant to be one, and the columns in which they are not, by place. */
interface DifferentRow {
  readonly expected: Cells
  readonly actual: Cells
  readonly columns: readonly number[]
}

/** How rows differ from those expected. */
export interface RowDifference {
  readonly columns: readonly string[]
  readonly missing: readonly Cells[]
  readonly unexpected: readonly Cells[]
  readonly different: readonly DifferentRow[]
  /** The rows are right, their order is not. */
  readonly isOrderOnly: boolean
}

export interface RowComparison {
  readonly columns: readonly string[]
  readonly expected: readonly Cells[]
  readonly actual: readonly Cells[]
  /** Row by row; otherwise as a multiset. */
  readonly isOrdered: boolean
  /** Columns that tell rows apart: rows with one key are shown side by side. */
  readonly key: readonly string[]
}

/** Compares rows; undefined if they are the same. */
export function compareRows(comparison: RowComparison): RowDifference | undefined {
  const { columns, expected, actual, isOrdered } = comparison
  const left = subtract(expected, actual)
  const over = subtract(actual, expected)
  if (left.length + over.length === 0) {
    const isSame = !isOrdered || expected.every((row, i) => textOf(row) === textOf(actual[i] ?? []))
    if (isSame) return undefined
    return { columns, missing: [], unexpected: [], different: inOrder(expected, actual), isOrderOnly: true }
  }
  return { columns, ...pairUp(left, over, comparison), isOrderOnly: false }
}

/** The rows of `a` that `b` has not, each as often as it is there too often. */
function subtract(a: readonly Cells[], b: readonly Cells[]): Cells[] {
  const counts = new Map<string, number>()
  for (const row of b) counts.set(textOf(row), (counts.get(textOf(row)) ?? 0) + 1)
  return a.filter((row) => {
    const count = counts.get(textOf(row)) ?? 0
    counts.set(textOf(row), count - 1)
    return count <= 0
  })
}

function inOrder(expected: readonly Cells[], actual: readonly Cells[]): DifferentRow[] {
  return expected.flatMap((row, i) => {
    const other = actual[i] ?? []
    const columns = differingColumns(row, other)
    return columns.length === 0 ? [] : [{ expected: row, actual: other, columns }]
  })
}

/** Pairs rows of one key, or those that have most cells in common and at least half. */
function pairUp(
  left: readonly Cells[],
  over: readonly Cells[],
  { columns, key }: RowComparison,
): Pick<RowDifference, 'missing' | 'unexpected' | 'different'> {
  const keyColumns = key.map((name) => columns.indexOf(name))
  const hasKey = key.length > 0 && !keyColumns.includes(-1)
  const unpaired = [...over]
  const missing: Cells[] = []
  const different: DifferentRow[] = []
  for (const expected of left) {
    const at = hasKey
      ? unpaired.findIndex((row) => keyColumns.every((column) => row[column] === expected[column]))
      : mostAlike(expected, unpaired)
    const actual = at < 0 ? undefined : unpaired.splice(at, 1)[0]
    if (actual === undefined) missing.push(expected)
    else different.push({ expected, actual, columns: differingColumns(expected, actual) })
  }
  return { missing, unexpected: unpaired, different }
}

function mostAlike(row: Cells, others: readonly Cells[]): number {
  let best = -1
  let fewest = Math.floor(row.length / 2) + 1
  others.forEach((other, i) => {
    const differing = differingColumns(row, other).length
    if (differing >= fewest) return
    best = i
    fewest = differing
  })
  return best
}

function differingColumns(a: Cells, b: Cells): number[] {
  return a.flatMap((cell, i) => (cell === (b[i] ?? null) ? [] : [i]))
}

function textOf(row: Cells): string {
  return JSON.stringify(row)
}
