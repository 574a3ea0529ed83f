import type { Instrument } from '../../base/index.ts'
import { openDelivery } from '../delivery/index.ts'
import type { Mapper, ParsedFrame } from '../exchange/index.ts'
import type { LandingLine } from '../record/index.ts'
import { type RecordedFrame, recordedFrame } from './recorded-frame.ts'

/** How a recording is replayed. */
export interface ReplayOptions {
  readonly mapper: Mapper
  readonly instruments: readonly Instrument[]
  /** Of this recording alone, for ever. */
  readonly feedId: string
  /** When frames came in that do not say so, ms. */
  readonly nowMs: number
}

/** One frame of a recording, and what it gave. */
export interface ReplayedFrame {
  /** In the recording, from 1. */
  readonly line: number
  readonly frame: string
  readonly parsed: ParsedFrame
  readonly lines: readonly LandingLine[]
}

/**
 * Takes a recording's frames through mapper and delivery, as if they came in one by one. A recording is one
 * connection, until it shows that it is not: the exchange greets anew, or heartbeats stop for longer than a feed
 * would have waited. Then nothing before is closed by what comes after.
 */
export async function* replayRecording(
  recording: AsyncIterable<string>,
  { mapper, instruments, feedId, nowMs }: ReplayOptions,
): AsyncGenerator<ReplayedFrame> {
  let delivery = openDelivery({ mapper, instruments })
  let hasHeartbeats = false
  let lastMs: number | undefined
  let sequence = 0
  let line = 0
  for await (const text of recording) {
    line++
    if (text.trim() === '') continue
    const recorded = recordedFrame(text)
    const isCut = hasHeartbeats && silenceMs(lastMs, recorded) > mapper.limits.silenceMs
    if (isCut) delivery = openDelivery({ mapper, instruments })
    const receivedAtMs = recorded.receivedAtMs ?? nowMs
    const monotonicNs = BigInt(Math.round(receivedAtMs * 1e6))
    const origin = { exchange: mapper.exchange, feedId, sequence: sequence++, receivedAtMs, monotonicNs }
    const { parsed, lines } = delivery.take(recorded.frame, origin)
    if (parsed.kind === 'status') delivery = openDelivery({ mapper, instruments })
    hasHeartbeats ||= parsed.kind === 'heartbeat'
    lastMs = recorded.receivedAtMs
    yield { line, frame: recorded.frame, parsed, lines }
  }
}

function silenceMs(lastMs: number | undefined, { receivedAtMs }: RecordedFrame): number {
  return lastMs === undefined || receivedAtMs === undefined ? 0 : receivedAtMs - lastMs
}
