import type { BackfillEvent, BackfilledInstrument } from '../../collector/repair/backfill.ts'
import type { AskEvent } from '../../collector/repair/repair-event.ts'
import { count, duration, plural, rangeText, table } from '../shared/format.ts'
import type { Io } from '../shared/io.ts'
import { eventLine } from '../shared/json-event.ts'

/** Shows what a backfill does, event by event. */
export type BackfillReport = (event: BackfillEvent) => void

/** Lines for people, progress and talk to stderr, the summary to stdout; or one JSON object a line for each event. */
export function openReport(io: Io): BackfillReport {
  if (io.logFormat === 'json') {
    return (event) => io.out(eventLine(`backfill.${event.type}`, event))
  }
  return (event) => {
    if (event.type === 'summary') for (const line of summaryLines(event.instruments)) io.out(line)
    else {
      const text = eventText(event)
      if (text !== undefined) io.err(text)
    }
  }
}

/** What an operator reads of an event; undefined: nothing. */
function eventText(event: Exclude<BackfillEvent, { type: 'summary' }>): string | undefined {
  switch (event.type) {
    case 'planned': {
      const { missingMinutes: missing, expectedMinutes: expected, instruments, fromMs, toMs } = event
      const of = `${plural(expected, 'expected minute')} of ${plural(instruments, 'instrument')}`
      return `missing  ${plural(missing, 'minute')} of ${of}, ${rangeText(fromMs, toMs)}`
    }
    case 'unmapped':
      return `left out ${plural(event.instruments, 'instrument')} of ${event.exchange}: kx cannot ask it for candles`
    case 'loading':
      return undefined
    default:
      return askText(event)
  }
}

function askText(event: AskEvent): string | undefined {
  const name = `${event.exchange} ${event.nativeSymbol}`
  switch (event.type) {
    case 'landed': {
      const quiet = event.quiet > 0 ? `, ${event.quiet} quiet` : ''
      const by = event.by === 'trades' ? ' built from trades' : ''
      return `landed   ${name}  ${plural(event.minutes, 'minute')}${quiet}${by}, ${minutesText(event)}`
    }
    case 'fault': {
      const then = event.waitMs > 0 ? `; asked again in ${duration(event.waitMs)}` : ''
      return `${event.fault === 'unknown_symbol' ? 'unknown ' : 'no answer'} ${name}  ${event.reason}${then}`
    }
    case 'skipped':
      return undefined
    case 'unreachable':
      return `too old  ${name}  ${plural(event.minutes, 'minute')}: the exchange does not go back so far`
  }
}

/** How it ended: an instrument a line, where there is something to say, and all of them. */
function summaryLines(instruments: readonly BackfilledInstrument[]): string[] {
  const told = instruments.filter(({ asked, open }) => asked > 0 || open > 0)
  const header = ['exchange', 'symbol', 'asked', 'landed', 'quiet', 'open', '']
  const rows = told.map((one) => [
    one.exchange,
    one.nativeSymbol,
    ...[one.asked, one.landed, one.quiet, one.open].map(String),
    openText(one),
  ])
  const sum = (of: (one: BackfilledInstrument) => number) =>
    instruments.reduce((total, one) => total + of(one), 0)
  const open = sum((one) => one.open)
  return [
    ...(told.length > 0 ? table([header, ...rows], [2, 3, 4, 5]) : []),
    [
      `${plural(
        sum(({ asked }) => asked),
        'minute',
      )} asked for`,
      `${count(sum(({ landed }) => landed))} landed final (${count(sum(({ quiet }) => quiet))} quiet)`,
      open === 0 ? 'none is open' : `${count(open)} still open`,
    ].join(', '),
  ]
}

function openText(one: BackfilledInstrument): string {
  if (one.openFromMs === undefined || one.openToMs === undefined) return ''
  const range = minutesText({ fromMs: one.openFromMs, toMs: one.openToMs })
  return one.reason === undefined ? range : `${range}  ${one.reason}`
}

/** `2024-05-01T11:00..2024-05-01T11:59`: the first minute and the last. */
function minutesText({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): string {
  const [first, last] = [fromMs, toMs - 60_000].map((ms) => new Date(ms).toISOString().slice(0, 16))
  return first === last ? String(first) : `${first}..${last}`
}
