import type { Instrument } from '../../base/index.ts'
import type { LoadEvent, LoadSummary } from '../../collector/load/index.ts'
import { count, plural } from '../shared/format.ts'
import { eventLine } from '../shared/json-event.ts'
import type { CommandIo } from './io.ts'
import { renderProgress, renderRate } from './progress-bar.ts'
import { formatSeconds } from './text.ts'

/** Shows what a load does, event by event. */
export interface LoadReport {
  show(event: LoadEvent): void
}

const BAR_MS = 100
const LINE_MS = 5000
/** With more files than this a line for each would hide what matters. */
const MAX_FILE_LINES = 100
const MAX_NAMES = 10

/** One JSON object a line for each event, progress aside; errors as code, message and hint. */
export function jsonReport({ stdout }: Pick<CommandIo, 'stdout'>): LoadReport {
  return {
    show(event) {
      if (event.type === 'progress') return
      stdout.write(`${eventLine(`load.${event.type}`, event)}\n`)
    },
  }
}

/**
 * Lines for people: talk and progress to stderr, the summary to stdout.
 *
 * @param now monotonic, ms
 */
export function textReport(io: CommandIo, now: () => number): LoadReport {
  const startMs = now()
  let total = { files: 0, bytes: 0 }
  let shownMs = startMs
  let hasBar = false

  function line(text: string): void {
    if (hasBar) io.stderr.write('\r\u001b[K')
    hasBar = false
    io.stderr.write(`${text}\n`)
  }
  function progress({ doneBytes, rows, file }: Extract<LoadEvent, { type: 'progress' }>): void {
    const nowMs = now()
    if (nowMs - shownMs < (io.isTty ? BAR_MS : LINE_MS)) return
    shownMs = nowMs
    const state = { doneBytes, totalBytes: total.bytes, rows, elapsedMs: nowMs - startMs, file }
    if (io.isTty) io.stderr.write(`\r\u001b[K${renderProgress(state, io.columns)}`)
    else line(renderRate(state).trim())
    hasBar = io.isTty
  }

  return {
    show(event) {
      if (event.type === 'found') total = event
      else if (event.type === 'progress') progress(event)
      else if (event.type === 'summary') {
        if (hasBar) io.stderr.write('\r\u001b[K')
        io.stdout.write(renderSummary(event.summary, now() - startMs))
      } else {
        const text = renderEvent(event, total.files <= MAX_FILE_LINES)
        if (text !== undefined) line(text)
      }
    },
  }
}

function renderEvent(event: LoadEvent, areFilesShown: boolean): string | undefined {
  switch (event.type) {
    case 'file-loaded': {
      const isWorthALine = areFilesShown || event.badLines > 0
      return isWorthALine ? `loaded   ${event.file}  ${renderFile(event)}` : undefined
    }
    case 'file-known':
      return areFilesShown ? `known    ${event.file}  ${plural(event.rows, 'row')} are in bronze` : undefined
    case 'file-skipped':
      return `skipped  ${event.file}  ${event.reason}`
    case 'file-failed':
      return `failed   ${event.file}\n  ${event.error.code}: ${event.error.message}\n  ${event.error.hint ?? ''}`.trimEnd()
    default:
      return undefined
  }
}

function renderFile(event: Extract<LoadEvent, { type: 'file-loaded' }>): string {
  return [
    plural(event.rows, 'row'),
    event.quietRows > 0 ? `${count(event.quietRows)} of them quiet` : undefined,
    event.badLines > 0 ? plural(event.badLines, 'bad line') : undefined,
    event.leftBytes > 0 ? 'its last line is not finished yet' : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(', ')
}

function renderSummary(summary: LoadSummary, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? (summary.rows / elapsedMs) * 1000 : 0
  const lines = [
    `${plural(summary.rows, 'row')} from ${plural(summary.files, 'file')} in ${formatSeconds(elapsedMs / 1000)} (${count(rate)} rows/s)`,
    renderTables(summary),
    summary.quietRows > 0 ? `${plural(summary.quietRows, 'quiet minute')} proven by silence` : undefined,
    summary.duplicateRows > 0
      ? `${plural(summary.duplicateRows, 'row')} left out: loaded before (${plural(summary.duplicateFiles, 'whole file')})`
      : undefined,
    summary.skippedFiles > 0 ? `${plural(summary.skippedFiles, 'file')} skipped, see above` : undefined,
    summary.failedFiles > 0 ? `${plural(summary.failedFiles, 'file')} failed` : undefined,
    summary.badLines > 0
      ? `${plural(summary.badLines, 'bad line')}, see ${some(summary.deadLetterFiles)}`
      : undefined,
    summary.unlisted.length > 0
      ? `${plural(summary.unlisted.length, 'instrument')} not in project.yml, not expected: ${some(summary.unlisted.map(renderInstrument))}`
      : undefined,
  ]
  return lines
    .filter((text) => text !== undefined)
    .map((text) => `${text}\n`)
    .join('')
}

/** Where rows went, if not to one table. */
function renderTables({ rowsByRelation }: LoadSummary): string | undefined {
  const filled = Object.entries(rowsByRelation).filter(([, rows]) => rows > 0)
  if (filled.length < 2) return undefined
  return filled.map(([relation, rows]) => `${relation} ${plural(rows, 'row')}`).join(', ')
}

function renderInstrument({ exchange, nativeSymbol, symbol, quoteAsset }: Instrument): string {
  return `${exchange} ${nativeSymbol} (${symbol} in ${quoteAsset})`
}

function some(names: readonly string[]): string {
  const more = names.length - MAX_NAMES
  return names.slice(0, MAX_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
