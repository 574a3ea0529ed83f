import type { ReplayedFrame, ReplayTally } from '../../collector/replay/index.ts'
import { count, plural, table } from '../shared/format.ts'
import type { Io } from '../shared/io.ts'
import { eventLine } from '../shared/json-event.ts'

/** What a replay did. */
export interface Replayed {
  readonly exchange: string
  /** How many. */
  readonly files: number
  readonly tally: ReplayTally
  /** Undefined: nothing was written. */
  readonly landing: string | undefined
  /** Below the landing. */
  readonly parts: readonly string[]
  readonly deadLetterParts: readonly string[]
}

/** Names dead letters and rejected symbols as they come. */
export interface DeadLetterReport {
  add(file: string, frame: ReplayedFrame): void
}

/** More dead letters than this are only counted. */
const MOST_SHOWN = 20

/** Tells of frames that could not be read, the first of them each by its place, and of symbols that were refused. */
export function deadLetterReport(io: Io): DeadLetterReport {
  let shown = 0
  return {
    add(file, { line, frame, parsed }) {
      if (parsed.kind !== 'malformed' && parsed.kind !== 'rejected') return
      if (++shown > MOST_SHOWN) return
      const what = parsed.kind === 'malformed' ? 'dead letter' : 'rejected'
      const start = plain(frame.slice(0, 80))
      if (io.logFormat === 'json') {
        const { reason } = parsed
        io.out(eventLine(`replay.${parsed.kind}`, { file, line, reason, frame: frame.slice(0, 300) }))
      } else io.err(`${what}  ${file}:${line}  ${plain(parsed.reason)}  ${start}`)
    },
  }
}

/** Prints the sum: JSON as one object, for people as a table. */
export function printTally(io: Io, replayed: Replayed): void {
  const { exchange, files, tally, landing, parts, deadLetterParts } = replayed
  if (io.logFormat === 'json') {
    io.out(
      eventLine('replay.summary', {
        ...{ exchange, files, ...tally },
        ...{ landing: landing ?? null, parts, dead_letter_parts: deadLetterParts },
      }),
    )
    return
  }
  const rows = [
    ['frames', count(tally.frames), `${exchange}, ${plural(files, 'file')}`],
    ...Object.entries(tally.frames_by_kind).map(([kind, frames]) => [`  ${kind}`, count(frames), '']),
    ['records', count(tally.records), `of ${plural(Object.keys(tally.records_by_symbol).length, 'symbol')}`],
    ...Object.entries(tally.records_by_channel).map(([channel, records]) => [
      `  ${channel}`,
      count(records),
      '',
    ]),
    ['final', count(tally.final), 'by a row of the exchange'],
    ['quiet', count(tally.quiet), 'by its silence'],
    ['dead letters', count(tally.dead_letters), ''],
  ]
  for (const line of table(rows, [1])) io.out(line)
  if (landing !== undefined)
    io.out(`landed in ${plural(parts.length + deadLetterParts.length, 'part')} below ${landing}`)
}

/** Without what would break a line or colour a terminal. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
}
