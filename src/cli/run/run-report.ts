import type { RunEvent, StartedEvent, StepEvent } from '../../runner/index.ts'
import { formatReason } from '../../runner/index.ts'
import { count, duration, plural, rangeText } from '../shared/format.ts'
import { type Io, paint } from '../shared/io.ts'
import { eventLine } from '../shared/json-event.ts'
import { printError } from '../shared/report-error.ts'

/** Counts what a run did while it prints it, one line per step with the same columns every time. */
export interface RunReport {
  add(event: RunEvent): void
  /** Prints the last lines and gives the exit code. */
  close(outcome: RunOutcome): number
}

/** What a run knows at its end besides its steps. */
export interface RunOutcome {
  readonly isInterrupted: boolean
  /** Partitions of the plan that --limit or --fail-fast left. */
  readonly left: number
  readonly durationMs: number
}

/** Opens the report of a run over `planned` partitions; `held` are those that wait for a word. */
export function openReport(
  io: Io,
  { planned, width, held = 0 }: { planned: number; width: number; held?: number },
): RunReport {
  const totals = { built: 0, unchanged: 0, current: 0, failed: 0, blocked: 0, frozen: 0, rows: 0 }
  const startedMs = io.clock.now()
  let now = ''
  const progress = () => {
    if (io.status === undefined) return
    const done = totals.built + totals.unchanged + totals.current + totals.failed + totals.blocked
    const elapsedMs = Math.max(1, io.clock.now() - startedMs)
    const left = done === 0 ? '?' : duration(((planned - done) * elapsedMs) / done)
    const rate = count((done / elapsedMs) * 1000)
    io.status(`${count(done)} of ${plural(planned, 'partition')}, ${rate}/s, ${left} left, now ${now}`)
  }
  const print = (event: Exclude<RunEvent, StartedEvent>) => {
    if (io.logFormat === 'json') io.out(jsonLine(event))
    else if (event.type === 'step') printStep(io, event, width)
    else if (event.type === 'claimed') printClaimed(io, event, width)
    else if (event.error !== undefined) {
      io.out(`${paint(io, 'red', 'failed'.padEnd(9))} ${event.model}`)
      printError(io, event.error)
    } else io.out(`${event.action.padEnd(9)} ${event.model.padEnd(width)} ${event.detail}`)
  }
  return {
    add(event) {
      if (event.type === 'started') now = `${event.model} ${rangeText(event.startMs, event.endMs)}`
      else print(event)
      if (event.type === 'step') {
        totals[event.status] += event.partitions
        totals.rows += event.written + event.deleted
      }
      if (event.type === 'relation' && event.action === 'failed') totals.failed++
      progress()
    },
    close: ({ isInterrupted, left, durationMs }) => {
      const isBad = totals.failed + totals.blocked > 0
      if (io.logFormat === 'json') {
        io.out(eventLine('summary', { ...totals, held, left, durationMs, interrupted: isInterrupted }))
      } else {
        const parts = [
          `${plural(totals.built, 'partition')} built`,
          ...(totals.unchanged > 0 ? [`${count(totals.unchanged)} unchanged`] : []),
          ...(totals.current > 0 ? [`${count(totals.current)} already current`] : []),
          ...(totals.frozen > 0 ? [`${count(totals.frozen)} frozen`] : []),
          ...(totals.failed > 0 ? [paint(io, 'red', `${count(totals.failed)} failed`)] : []),
          ...(totals.blocked > 0 ? [paint(io, 'red', `${count(totals.blocked)} blocked`)] : []),
          ...(left > 0 ? [`${count(left)} left for the next run`] : []),
        ]
        io.out(
          `${isInterrupted ? 'interrupted' : isBad ? paint(io, 'red', 'failed') : paint(io, 'green', 'done')}  ${parts.join(', ')}; ${plural(totals.rows, 'row')} changed in ${duration(durationMs)}`,
        )
      }
      if (isInterrupted) return 130
      return isBad ? 1 : 0
    },
  }
}

function printClaimed(io: Io, event: Extract<RunEvent, { type: 'claimed' }>, width: number): void {
  const status = paint(io, 'yellow', 'claimed'.padEnd(9))
  io.out(
    `${status} ${event.model.padEnd(width)} ${rangeText(event.startMs, event.endMs)}  another kx is building it`,
  )
}

const STYLES = {
  built: 'green',
  unchanged: 'dim',
  current: 'dim',
  failed: 'red',
  blocked: 'red',
  frozen: 'cyan',
} as const

function printStep(io: Io, event: StepEvent, width: number): void {
  const status = paint(io, STYLES[event.status], event.status.padEnd(9))
  const range = rangeText(event.startMs, event.endMs)
  const what =
    event.status === 'blocked'
      ? `${event.by} is missing or failed`
      : `${event.rows > 0 ? `${count(event.rows)} rows ` : ''}+${count(event.written)} −${count(event.deleted)}  ${duration(event.durationMs)}  ${formatReason(event.reason)}`
  io.out(`${status} ${event.model.padEnd(width)} ${range}  ${what}`)
  if (event.error !== undefined) printError(io, event.error)
}

function jsonLine(event: Exclude<RunEvent, StartedEvent>): string {
  const { type, model } = event
  if (event.type === 'relation') {
    const { action, detail, error } = event
    return eventLine(type, { model, action, detail, error })
  }
  const range = rangeText(event.startMs, event.endMs)
  if (event.type === 'claimed') return eventLine(type, { model, range })
  const { partitions, status, rows, written, deleted, durationMs, error, by } = event
  const reason = formatReason(event.reason)
  const counts = { rows, written, deleted, durationMs }
  return eventLine(type, { model, range, partitions, status, reason, ...counts, error, by })
}
