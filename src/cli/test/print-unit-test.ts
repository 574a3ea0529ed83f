import { formatPlace } from '../../base/index.ts'
import type { Cells, RowDifference, UnitTestEvent } from '../../runner/check/index.ts'
import { duration, plural, table } from '../shared/format.ts'
import { type Io, paint } from '../shared/io.ts'
import { printError } from '../shared/report-error.ts'
import { shorten } from './print-assertion.ts'
import { STATUS_STYLES, type TestReportOptions } from './report-options.ts'

/** One line; below it, if the rows differ, the cells that do. */
export function printUnitTest(io: Io, event: UnitTestEvent, { width }: TestReportOptions): void {
  const { test, model, status, durationMs, difference, problem, error } = event
  const name = unitTestName(model, test.name)
  io.out(
    `${paint(io, STATUS_STYLES[status], status.padEnd(5))} ${name.padEnd(width)}  unit test  ${duration(durationMs)}`,
  )
  if (error !== undefined) printError(io, error)
  if (difference === undefined && problem === undefined) return
  io.out(`      ${formatPlace(test.at)}`)
  if (problem !== undefined) io.out(`        ${problem}`)
  if (difference !== undefined) for (const line of differenceLines(io, difference)) io.out(`        ${line}`)
  io.out(`      → Correct ${model}, or what the test expects.`)
}

/** `gold.ohlcv_5m: first and last settle open and close`. */
export function unitTestName(model: string, test: string): string {
  return `${model}: ${test}`
}

/** A table of the rows that differ: `≠` with expected → actual in the cells, `−` missing, `+` unexpected. */
function differenceLines(io: Io, difference: RowDifference): string[] {
  const { columns, missing, unexpected, different, isOrderOnly } = difference
  const cellsOf = (cells: Cells) => cells.map((cell) => shorten(cell ?? 'null'))
  const rows = [
    ...different.map(({ expected, actual, columns: differing }) => [
      '≠',
      ...cellsOf(expected).map((cell, i) =>
        differing.includes(i) ? `${cell} → ${shorten(actual[i] ?? 'null')}` : cell,
      ),
    ]),
    ...missing.map((cells) => ['−', ...cellsOf(cells)]),
    ...unexpected.map((cells) => ['+', ...cellsOf(cells)]),
  ]
  const parts = [
    ...(different.length > 0
      ? [`${plural(different.length, 'row')} differ${different.length === 1 ? 's' : ''} (expected → actual)`]
      : []),
    ...(missing.length > 0 ? [`${missing.length} missing`] : []),
    ...(unexpected.length > 0 ? [`${unexpected.length} unexpected`] : []),
  ]
  const head = isOrderOnly ? 'the rows are right, their order is not' : parts.join(', ')
  const styles = { '≠': 'yellow', '−': 'red', '+': 'green' } as const
  const lines = table([['', ...columns], ...rows])
  return [
    head,
    ...lines.map((line) => {
      const sign = line[0]
      return sign === '≠' || sign === '−' || sign === '+' ? paint(io, styles[sign], line) : line
    }),
  ]
}
