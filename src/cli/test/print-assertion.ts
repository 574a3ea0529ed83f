import { formatPlace } from '../../base/index.ts'
import type { AssertionEvent } from '../../runner/check/index.ts'
import { count, duration, plural, rangeText, table } from '../shared/format.ts'
import { type Io, paint } from '../shared/io.ts'
import { printError } from '../shared/report-error.ts'
import { STATUS_STYLES, type TestReportOptions } from './report-options.ts'

/** Characters of a cell that are shown. */
const CELL_WIDTH = 400

/** One line; below it, if rows are wrong, where the test is written, the first of them and what to do. */
export function printAssertion(io: Io, event: AssertionEvent, { width, isStoring }: TestReportOptions): void {
  const { assertion, status, partitions, grain, failures, failedIn, durationMs, sample, error } = event
  const tested = grain === undefined ? 'once' : plural(partitions, grain)
  const found = failures === 0 ? '' : `  ${plural(failures, 'wrong row')}${whereText(event)}`
  io.out(
    `${paint(io, STATUS_STYLES[status], status.padEnd(5))} ${assertion.name.padEnd(width)}  ${tested}${found}  ${duration(durationMs)}`,
  )
  if (error !== undefined) printError(io, error)
  if (failures === 0 || failedIn.length === 0) return
  io.out(`      ${formatPlace(assertion.at)}`)
  if (sample !== undefined) {
    const rows = sample.rows.map((row) => row.map((cell) => shorten(cell ?? 'null')))
    for (const line of table([sample.columns, ...rows])) io.out(`        ${line}`)
    const more = failures - sample.rows.length
    if (more > 0) io.out(`        and ${count(more)} more`)
  }
  io.out(`      → ${adviceFor(event, isStoring)}`)
}

/** `in 2024-05-01T13`, `in 3 hours from 2024-05-01T13`. */
function whereText({ failedIn, grain }: AssertionEvent): string {
  const [first] = failedIn
  if (first === undefined || grain === undefined) return ''
  const from = rangeText(first.startMs, grain === 'day' ? first.startMs + 3_600_000 : first.endMs)
  const start = grain === 'day' ? from.slice(0, 10) : from
  return failedIn.length === 1 ? ` in ${start}` : ` in ${plural(failedIn.length, grain)} from ${start}`
}

function adviceFor({ assertion }: AssertionEvent, isStoring: boolean): string {
  if (isStoring) return `Look at the rows: select * from kx_audit.${assertion.name};`
  if (assertion.testName === 'complete') {
    return 'Load the missing minutes (kx load FILE), then kx run.'
  }
  const what = assertion.model ?? 'what it reads'
  return `Correct ${what} or its sources, then kx run; --store-failures keeps the rows in kx_audit.${assertion.name}.`
}

/** A cell short enough for a table. */
export function shorten(cell: string): string {
  const line = cell.replaceAll('\n', ' ')
  return line.length <= CELL_WIDTH ? line : `${line.slice(0, CELL_WIDTH)}…`
}
