import type { Cells } from './compare-rows.ts'

/** Two rows of one key whose other cells differ. */
interface RowPair {
  readonly left: Cells
  readonly right: Cells
}

/** What two streams of rows have in common and what not, with the first few of each kind. */
export interface StreamDifference {
  readonly same: number
  readonly onlyLeft: number
  readonly onlyRight: number
  readonly different: number
  /** Differing cells by column. */
  readonly byColumn: ReadonlyMap<string, number>
  readonly samples: {
    readonly onlyLeft: readonly Cells[]
    readonly onlyRight: readonly Cells[]
    readonly different: readonly RowPair[]
  }
}

export interface StreamComparison {
  readonly columns: readonly string[]
  /** How many of the first columns are the key. */
  readonly keyLength: number
  /** Rows of each kind that are kept to be shown. */
  readonly limit: number
}

/** Whether anything differs. */
export function isDifferent({ onlyLeft, onlyRight, different }: StreamDifference): boolean {
  return onlyLeft + onlyRight + different > 0
}

/**
 * Compares rows that come in the order of their key (the first columns, as bytes, nulls last), holding one row of
 * each side. Rows of one key are paired in the order they come.
 */
export async function compareStreams(
  left: AsyncIterator<Cells>,
  right: AsyncIterator<Cells>,
  { columns, keyLength, limit }: StreamComparison,
): Promise<StreamDifference> {
  const counts = { same: 0, onlyLeft: 0, onlyRight: 0, different: 0 }
  const byColumn = new Map<string, number>()
  const samples = { onlyLeft: [] as Cells[], onlyRight: [] as Cells[], different: [] as RowPair[] }
  const keep = <Row>(rows: Row[], row: Row) => rows.length < limit && rows.push(row)
  let [a, b] = await Promise.all([next(left), next(right)])
  while (a !== undefined || b !== undefined) {
    const order = a === undefined ? 1 : b === undefined ? -1 : compareKeys(a, b, keyLength)
    if (order < 0 && a !== undefined) {
      counts.onlyLeft++
      keep(samples.onlyLeft, a)
      a = await next(left)
    } else if (order > 0 && b !== undefined) {
      counts.onlyRight++
      keep(samples.onlyRight, b)
      b = await next(right)
    } else if (a !== undefined && b !== undefined) {
      const differing = columns.filter((_, i) => a?.[i] !== b?.[i])
      for (const column of differing) byColumn.set(column, (byColumn.get(column) ?? 0) + 1)
      if (differing.length === 0) counts.same++
      else {
        counts.different++
        keep(samples.different, { left: a, right: b })
      }
      ;[a, b] = await Promise.all([next(left), next(right)])
    }
  }
  return { ...counts, byColumn, samples }
}

async function next(rows: AsyncIterator<Cells>): Promise<Cells | undefined> {
  const { value, done } = await rows.next()
  return done === true ? undefined : value
}

function compareKeys(a: Cells, b: Cells, length: number): number {
  for (let i = 0; i < length; i++) {
    const order = compareCells(a[i] ?? null, b[i] ?? null)
    if (order !== 0) return order
  }
  return 0
}

/** As `collate "C"` sorts UTF-8: by code point, not by the halves that JavaScript keeps of it. */
function compareCells(a: string | null, b: string | null): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
