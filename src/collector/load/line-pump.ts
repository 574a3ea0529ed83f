import { advance, breakDelivery, type DeliveryState, provenGap, type QuietGap } from '../finality/index.ts'
import { type Candle, newCandle, type ParseLine } from '../formats/index.ts'
import type { ResolvedInstrument } from '../instruments/resolve.ts'
import type { RowEncoder, SharedFields } from './row-encoder.ts'

/** A line that is no candle. */
export interface BadLine {
  readonly line: number
  readonly reason: string
  readonly text: string
}

/** What a file's rows since the last commit came to. */
interface PumpCounts {
  /** All rows, quiet ones included. */
  rows: number
  quiet: number
  bad: number
  /** NaN: none. */
  firstStartMs: number
  lastStartMs: number
}

export interface PumpOptions {
  readonly parse: ParseLine
  readonly line: number
  readonly carry: DeliveryState | undefined
  /** Silence between two lines proves quiet minutes. */
  readonly provesSilence: boolean
  /** A candle that ends later than this is not final yet. */
  readonly nowMs: number
  /** The instrument of a candle, and what its rows share in the current load. */
  readonly describe: (candle: Candle) => {
    readonly instrument: ResolvedInstrument
    readonly shared: SharedFields
  }
  readonly onRow: (startMs: number) => void
  readonly onBad: (bad: BadLine) => void
}

/** Turns the lines of one file into rows, as many at a time as a buffer holds. */
export interface LinePump {
  /** Gives the pump whole lines; the one before must be spent. */
  load(block: Uint8Array): void
  /** Encodes rows until the buffer is full (false) or the block is spent (true). */
  step(encoder: RowEncoder): boolean
  /** Whether `line`, a file's last one without its end, is a good row; takes nothing. */
  accepts(line: Uint8Array): boolean
  /** Counts a line that is too long to hold. */
  reject(bad: Omit<BadLine, 'line'>): void
  /** The number of the next line. */
  nextLine(): number
  carry(): DeliveryState | undefined
  /** The counts since they were last taken. */
  takeCounts(): PumpCounts
}

const LF = 0x0a
const CR = 0x0d
const MAX_TEXT_BYTES = 65_536
const DAY_MS = 86_400_000

/** A pump for one file. */
export function createPump(options: PumpOptions): LinePump {
  const { parse, provesSilence, nowMs, describe, onRow, onBad } = options
  const candle = newCandle()
  const flat = { ...newCandle(), proof: 'silence' as const, volume: 0, quoteVolume: 0, tradeCount: 0 }
  let block: Uint8Array = new Uint8Array(0)
  let at = 0
  let line = options.line
  let carry = options.carry
  let gap: QuietGap | undefined
  let isHeld = false
  let shared: SharedFields | undefined
  let counts = noCounts()

  function emit(row: Candle, encoder: RowEncoder): void {
    encoder.append(row, line - 1)
    onRow(row.startMs)
    counts.rows++
    if (!(row.startMs >= counts.firstStartMs)) counts.firstStartMs = row.startMs
    if (!(row.startMs <= counts.lastStartMs)) counts.lastStartMs = row.startMs
  }
  function emitQuiet({ fromMs, toMs, close }: QuietGap, encoder: RowEncoder): void {
    flat.startMs = fromMs
    flat.intervalMs = candle.intervalMs
    flat.open = flat.high = flat.low = flat.close = close
    emit(flat, encoder)
    counts.quiet++
    const nextMs = fromMs + candle.intervalMs
    gap = nextMs < toMs ? { fromMs: nextMs, toMs, close } : undefined
  }
  function bad(reason: string, from: number, to: number): void {
    counts.bad++
    carry = breakDelivery(carry)
    const text = Buffer.from(block.buffer, block.byteOffset + from, Math.min(to - from, MAX_TEXT_BYTES))
    onBad({ line: line - 1, reason, text: text.toString('utf8') })
  }
  function readLine(): void {
    const from = at
    const end = block.indexOf(LF, from)
    const stop = end < 0 ? block.length : end
    at = stop + 1
    line++
    const to = stop > from && block[stop - 1] === CR ? stop - 1 : stop
    if (to === from) return
    const isAhead = () => candle.startMs > nowMs + DAY_MS
    const reason = parse(block, from, to, candle) ?? (isAhead() ? 'the time lies ahead' : undefined)
    if (reason === undefined) hold()
    else bad(reason, from, to)
  }
  function hold(): void {
    const known = describe(candle)
    shared = known.shared
    scale(candle, known.instrument.multiplier)
    if (candle.startMs + candle.intervalMs > nowMs) candle.isFinal = false
    isHeld = true
    if (!provesSilence) return
    gap = provenGap(carry, candle.startMs, candle.intervalMs)
    carry = advance(carry, candle.startMs, candle.close)
  }

  return {
    load(next) {
      block = next
      at = 0
    },
    step(encoder) {
      for (;;) {
        if (shared) encoder.share(shared)
        if (encoder.isFull()) return false
        if (gap) emitQuiet(gap, encoder)
        else if (isHeld) {
          isHeld = false
          emit(candle, encoder)
        } else if (at >= block.length) return true
        else readLine()
      }
    },
    accepts: (bytes) => parse(bytes, 0, bytes.length, newCandle()) === undefined,
    reject({ reason, text }) {
      line++
      counts.bad++
      carry = breakDelivery(carry)
      onBad({ line: line - 1, reason, text })
    },
    nextLine: () => line,
    carry: () => carry,
    takeCounts() {
      const taken = counts
      counts = noCounts()
      return taken
    },
  }
}

/** An instrument that counts 1,000 coins as one: price ÷ 1,000, volume × 1,000. */
function scale(candle: Candle, multiplier: number): void {
  if (multiplier === 1) return
  candle.open /= multiplier
  candle.high /= multiplier
  candle.low /= multiplier
  candle.close /= multiplier
  candle.vwap /= multiplier
  candle.volume *= multiplier
}

function noCounts(): PumpCounts {
  return { rows: 0, quiet: 0, bad: 0, firstStartMs: Number.NaN, lastStartMs: Number.NaN }
}
