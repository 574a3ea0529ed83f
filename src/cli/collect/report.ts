import { type Clock, systemClock } from '../../base/index.ts'
import type { CollectEvent } from '../../collector/status/collect-event.ts'
import { every } from '../shared/every.ts'
import type { Io } from '../shared/io.ts'
import { eventLine } from '../shared/json-event.ts'
import { eventText } from './event-lines.ts'
import { statusLines } from './status-lines.ts'

/** Shows events as they come. */
export type Report = (event: CollectEvent) => void

const PLAIN_EVERY_MS = 30_000
/** Of the machine: who looks at it does not live faster with KX_CLOCK. */
const LIVE_EVERY_MS = 500

/** A live line per exchange on a terminal; lines every 30 s in a pipe; JSON, one event a line, where it is asked for. */
export function openReport(io: Io, machine: Pick<Clock, 'monotonicMs'> = systemClock): Report {
  if (io.logFormat === 'json') return jsonReport(io)
  return io.status === undefined ? plainReport(io) : liveReport(io, io.status, every(machine, LIVE_EVERY_MS))
}

function liveReport(io: Io, show: (line: string) => void, isDue: () => boolean): Report {
  return (event) => {
    if (event.type === 'status') {
      if (isDue()) show(statusLines(event.status, io.columns).join('\n'))
      return
    }
    const text = eventText(event)
    if (text !== undefined) io.err(text)
  }
}

function plainReport(io: Io): Report {
  const isDue = every(io.clock, PLAIN_EVERY_MS)
  return (event) => {
    const at = `${new Date(io.clock.now()).toISOString().slice(0, 19)}Z`
    const text = eventText(event)
    if (text !== undefined) io.out(`${at}  ${text}`)
    if (event.type !== 'status' || !isDue()) return
    for (const line of statusLines(event.status)) io.out(`${at}  ${line}`)
  }
}

function jsonReport(io: Io): Report {
  const isDue = every(io.clock, PLAIN_EVERY_MS)
  return (event) => {
    if (event.type === 'status' && !isDue()) return
    io.out(eventLine(event.type, { at: new Date(io.clock.now()).toISOString(), ...event }))
  }
}
