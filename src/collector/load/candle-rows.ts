import { DAY_MS, once } from '../../base/index.ts'
import { advance, breakDelivery, type DeliveryState, provenGap, type QuietGap } from '../finality/index.ts'
import { type Candle, newCandle, type ParseLine } from '../formats/index.ts'
import type { ResolvedInstrument } from '../instruments/resolve.ts'
import type { CandleEncoder, SharedFields } from './candle-encoder.ts'
import type { RowReader } from './line-pump.ts'

/** What candles of one file are read with. */
export interface CandleRowsOptions {
  readonly parse: ParseLine<Candle>
  readonly encoder: CandleEncoder
  readonly carry: DeliveryState | undefined
  /** Silence between two lines proves quiet minutes. */
  readonly provesSilence: boolean
  /** Lines say themselves what is final; of all others a candle that has not ended is not. */
  readonly saysFinality: boolean
  readonly nowMs: () => number
  /** The instrument of a candle, and what its rows share in the current load. */
  readonly describe: (candle: Candle) => {
    readonly instrument: ResolvedInstrument
    readonly shared: SharedFields
  }
}

/** Candles as rows, and the quiet minutes that they prove. */
export function createCandleRows(options: CandleRowsOptions): RowReader {
  const { parse, encoder, provesSilence, saysFinality, nowMs, describe } = options
  const candle = newCandle()
  const flat = once(newFlatCandle)
  let carry = options.carry
  let gap: QuietGap | undefined
  let isHeld = false
  let quiet = 0

  function writeQuiet({ fromMs, toMs, close }: QuietGap, line: number): number {
    const quietCandle = flat()
    quietCandle.startMs = fromMs
    quietCandle.intervalMs = candle.intervalMs
    quietCandle.open = quietCandle.high = quietCandle.low = quietCandle.close = close
    encoder.append(quietCandle, line)
    quiet++
    const nextMs = fromMs + candle.intervalMs
    gap = nextMs < toMs ? { fromMs: nextMs, toMs, close } : undefined
    return fromMs
  }
  function hold(): void {
    const { instrument, shared } = describe(candle)
    encoder.share(shared)
    scale(candle, instrument.multiplier)
    if (!saysFinality && candle.startMs + candle.intervalMs > nowMs()) candle.isFinal = false
    isHeld = true
    if (!provesSilence) return
    gap = provenGap(carry, candle.startMs, candle.intervalMs)
    carry = advance(carry, candle.startMs, candle.close)
  }

  return {
    read(bytes, from, to) {
      const reason = parse(bytes, from, to, candle)
      if (reason !== undefined) return reason
      if (candle.startMs > nowMs() + DAY_MS) return 'the time lies ahead'
      hold()
      return undefined
    },
    hasRow: () => isHeld,
    write(line) {
      if (gap) return writeQuiet(gap, line)
      isHeld = false
      encoder.append(candle, line)
      return candle.startMs
    },
    isFull: encoder.isFull,
    lose() {
      carry = breakDelivery(carry)
    },
    accepts: (line) => parse(line, 0, line.length, newCandle()) === undefined,
    carry: () => carry,
    takeQuiet() {
      const taken = quiet
      quiet = 0
      return taken
    },
  }
}

/** A candle of silence, but for its time and price. */
function newFlatCandle(): Candle {
  return { ...newCandle(), proof: 'silence', volume: 0, quoteVolume: 0, tradeCount: 0 }
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
