import type { Frame, LandedCandle } from './deliveries.ts'
import type { MarketOptions, TrueCandle } from './market.ts'

/** One landing part: where it lies under the landing directory, and its lines in order of reception. */
export interface LandingPart {
  /** `exchange=kraken/symbol=BTC-USD/interval_minutes=1/year=…/hour=07/part-….jsonl` */
  readonly path: string
  readonly lines: readonly string[]
}

const HOUR_MS = 3_600_000

/**
 * Frames as landing parts: one per exchange, symbol and hour of the candles, named for `bootId`.
 *
 * @see docs/landing-format.md
 */
export function landingParts(
  frames: readonly Frame[],
  { dayStartMs }: MarketOptions,
  bootId: string,
): LandingPart[] {
  const partsByFolder = new Map<string, { first: number; lines: string[] }>()
  const sequences = new Map<string, number>()
  for (const frame of frames) {
    const sequence = sequences.get(frame.feedId) ?? 0
    sequences.set(frame.feedId, sequence + 1)
    frame.landed.forEach((landed, row) => {
      const folder = folderOf(landed.candle)
      const part = partsByFolder.get(folder) ?? { first: sequence, lines: [] }
      partsByFolder.set(folder, part)
      part.lines.push(JSON.stringify(lineOf({ frame, landed, sequence, row, dayStartMs })))
    })
  }
  return [...partsByFolder].map(([folder, { first, lines }]) => ({
    path: `${folder}/part-demo-${bootId}-1-${String(first).padStart(8, '0')}.jsonl`,
    lines,
  }))
}

function folderOf({ instrument, startMs }: TrueCandle): string {
  const hour = new Date(Math.floor(startMs / HOUR_MS) * HOUR_MS).toISOString()
  const [year, month, day] = hour.slice(0, 10).split('-')
  return [
    `exchange=${instrument.exchange}`,
    `symbol=${instrument.symbol}`,
    'interval_minutes=1',
    `year=${year}`,
    `month=${month}`,
    `day=${day}`,
    `hour=${hour.slice(11, 13)}`,
  ].join('/')
}

interface Line {
  readonly frame: Frame
  readonly landed: LandedCandle
  readonly sequence: number
  readonly row: number
  readonly dayStartMs: number
}

function lineOf({ frame, landed, sequence, row, dayStartMs }: Line) {
  const { candle, isFinal, proof } = landed
  return {
    v: 1,
    feed_id: frame.feedId,
    sequence,
    row,
    received_at: new Date(frame.receivedMs).toISOString(),
    monotonic_ns: String((frame.receivedMs - dayStartMs) * 1_000_000),
    channel: 'ohlc',
    proof,
    fields: fieldsOf(frame, candle, isFinal),
    raw: rawOf(candle),
  }
}

function fieldsOf({ source, receivedMs }: Frame, candle: TrueCandle, isFinal: boolean) {
  const { instrument } = candle
  return {
    native_symbol: instrument.nativeSymbol,
    quote_asset: instrument.quoteAsset,
    interval_start: new Date(candle.startMs).toISOString(),
    open: candle.open,
    high: candle.high,
    low: candle.low,
    close: candle.close,
    volume: candle.volume,
    quote_volume: candle.quoteVolume ?? null,
    vwap: candle.vwap ?? null,
    trade_count: String(candle.tradeCount),
    is_final: isFinal,
    source,
    event_at: new Date(receivedMs - 20).toISOString(),
  }
}

/** The record in the words of its exchange, numbers as text where the exchange sends text. */
function rawOf(candle: TrueCandle): string {
  const { instrument, open, high, low, close, volume, startMs, tradeCount } = candle
  if (instrument.exchange !== 'kraken') {
    return `{"t":${startMs},"s":"${instrument.nativeSymbol}","i":"1m","o":"${open}","c":"${close}","h":"${high}","l":"${low}","v":"${volume}","n":${tradeCount},"q":"${candle.quoteVolume ?? '0'}"}`
  }
  const begin = new Date(startMs).toISOString().replace('.000Z', '.000000000Z')
  return `{"symbol":"${instrument.nativeSymbol}","open":${open},"high":${high},"low":${low},"close":${close},"trades":${tradeCount},"volume":${volume},"vwap":${candle.vwap ?? close},"interval_begin":"${begin}","interval":1}`
}
