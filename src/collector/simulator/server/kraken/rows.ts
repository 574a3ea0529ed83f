import type { TrueCandle } from '../../day/market.ts'
import { trimmed } from '../../market/decimal.ts'

const MINUTE_MS = 60_000

/** A candle as Kraken's WebSocket writes it: numbers, with more digits than a double may hold. */
function ohlcRow(candle: TrueCandle): string {
  const { instrument, startMs, open, high, low, close, volume, vwap, tradeCount } = candle
  const begin = isoSeconds(startMs)
  const end = isoSeconds(startMs + MINUTE_MS)
  return `{"symbol":"${instrument.nativeSymbol}","open":${trimmed(open)},"high":${trimmed(high)},"low":${trimmed(low)},"close":${trimmed(close)},"trades":${tradeCount},"volume":${trimmed(volume)},"vwap":${trimmed(vwap ?? close)},"interval_begin":"${begin}.000000000Z","interval":1,"timestamp":"${end}.000000Z"}`
}

/** A frame of channel `ohlc`. */
export function ohlcFrame(type: 'snapshot' | 'update', candles: readonly TrueCandle[], atMs: number): string {
  return `{"channel":"ohlc","type":"${type}","timestamp":"${isoNanos(atMs)}","data":[${candles.map(ohlcRow).join(',')}]}`
}

/** `2026-10-06T18:06:02.264627814Z`. */
function isoNanos(atMs: number): string {
  const nanos = Math.floor((atMs - Math.floor(atMs)) * 1_000_000)
  return `${new Date(Math.floor(atMs)).toISOString().slice(0, -1)}${String(nanos).padStart(6, '0')}Z`
}

/** `2026-10-06T18:06:02.264627Z`. */
export function isoMicros(atMs: number): string {
  return `${isoNanos(atMs).slice(0, -4)}Z`
}

function isoSeconds(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19)
}
