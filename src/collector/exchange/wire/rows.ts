import type { CandleRow } from '../../record/index.ts'
import type { RestAnswer } from '../mapper.ts'
import { failed } from './frame.ts'
import { elementSlices, memberSlices } from './json-slices.ts'

/** The candles of an answer, before they are read. */
export interface AnswerList {
  readonly body: string
  /** Members from the top to the list: `['result', 'list']`. */
  readonly path: readonly string[]
  /** The list, parsed. */
  readonly list: readonly unknown[]
  readonly isNewestFirst: boolean
}

/**
 * Reads each candle with its own text, oldest first. One that is none, or out of order, makes the answer malformed.
 *
 * @param read the candle of an entry, why it is none, or undefined for one to leave out
 */
export function readRows(
  { body, path, list, isNewestFirst }: AnswerList,
  read: (entry: unknown, raw: string) => CandleRow | string | undefined,
): RestAnswer<readonly CandleRow[]> {
  const slices = elementSlices(body, startOf(body, path))
  const rows: CandleRow[] = []
  for (const [i, entry] of list.entries()) {
    const { start, end } = slices[i] ?? { start: 0, end: 0 }
    const row = read(entry, body.slice(start, end))
    if (typeof row === 'string') return failed('malformed', `row ${i}: ${row}`)
    if (row !== undefined) rows.push(row)
  }
  if (isNewestFirst) rows.reverse()
  const disorder = rows.findIndex(({ startMs }, i) => startMs <= (rows[i - 1]?.startMs ?? 0))
  return disorder < 0 ? { ok: true, value: rows } : failed('malformed', 'rows out of order')
}

/** Where the value at a path of members begins in `body`. */
export function startOf(body: string, path: readonly string[]): number {
  let at = 0
  for (const name of path) at = memberSlices(body, at).get(name)?.start ?? body.length
  return at
}
