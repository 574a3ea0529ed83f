import type { Clock, Instrument } from '../../base/index.ts'
import { deadLetterLine } from '../delivery/index.ts'
import { openDelivery } from '../delivery/open-delivery.ts'
import type { Mapper, ParsedFrame } from '../exchange/index.ts'
import type { HeldRow } from '../finality/index.ts'
import type { LandingLine, Origin } from '../record/index.ts'
import type { FeedCounts } from './feed-counts.ts'

/** Where the frames of one connection are stamped, counted, settled and handed to the landing. */
export interface FrameIntake {
  /** A frame that just came, at monotonic `nowMs`. Its lines are landed when this returns. */
  take(frame: string, nowMs: number): Taken
  doubt(symbol: string, isInDoubt: boolean): void
  held(symbol: string): HeldRow | undefined
}

/** What a frame was. `fault`: kx itself could not deal with it; it is in dead letters. */
export interface Taken {
  readonly parsed: ParsedFrame
  readonly receivedAtMs: number
  readonly fault?: Error
}

/** What the frames of a connection have in common. */
export interface IntakeOptions {
  readonly clock: Clock
  readonly mapper: Mapper
  readonly instruments: readonly Instrument[]
  readonly feedId: string
  readonly counts: FeedCounts
  readonly land: (lines: readonly LandingLine[]) => void
}

/** The intake of a new connection: its frames are counted from 0, and nothing is known before the first. */
export function createIntake({
  clock,
  mapper,
  instruments,
  feedId,
  counts,
  land,
}: IntakeOptions): FrameIntake {
  const delivery = openDelivery({ mapper, instruments })
  const { exchange, channel } = mapper
  const known = new Set(instruments.map(({ nativeSymbol }) => nativeSymbol))
  let sequence = 0
  const deliver = (frame: string, origin: Origin) => {
    try {
      return delivery.take(frame, origin)
    } catch (cause) {
      const fault = cause instanceof Error ? cause : new Error(String(cause))
      const lines = [deadLetterLine({ origin, channel, reason: `kx failed: ${fault.message}`, frame })]
      return {
        parsed: { kind: 'malformed', reason: fault.message, nativeSymbol: undefined },
        lines,
        fault,
      } as const
    }
  }
  return {
    take(frame, nowMs) {
      const receivedAtMs = clock.now()
      const monotonicNs = BigInt(Math.round(nowMs * 1e6))
      const given = deliver(frame, { exchange, feedId, sequence, receivedAtMs, monotonicNs })
      sequence += 1
      if (given.lines.length > 0) land(given.lines)
      count(counts, { frame, parsed: given.parsed, lines: given.lines.length, nowMs, receivedAtMs, known })
      return 'fault' in given
        ? { parsed: given.parsed, receivedAtMs, fault: given.fault }
        : { parsed: given.parsed, receivedAtMs }
    },
    doubt: (symbol, isInDoubt) => delivery.doubt(symbol, isInDoubt),
    held: (symbol) => delivery.held(symbol),
  }
}

interface Counted {
  readonly frame: string
  readonly parsed: ParsedFrame
  readonly lines: number
  readonly nowMs: number
  readonly receivedAtMs: number
  /** Names that only garbage makes up are not counted by. */
  readonly known: ReadonlySet<string>
}

function count(counts: FeedCounts, { frame, parsed, lines, nowMs, receivedAtMs, known }: Counted): void {
  counts.frames += 1
  counts.bytes += frame.length
  if (parsed.kind === 'malformed') counts.deadLetters += lines
  else counts.records += lines
  if (parsed.kind !== 'candles') return
  for (const { nativeSymbol } of parsed.rows) {
    if (known.has(nativeSymbol)) counts.dataMs.set(nativeSymbol, nowMs)
  }
  const eventAt = parsed.rows.at(-1)?.eventAt
  if (eventAt !== undefined) counts.newest = { eventAt, receivedAtMs }
}
