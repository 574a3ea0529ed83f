import { DAY_MS, type Grain, HOUR_MS, KxError, type TimeRange } from '../../base/index.ts'

/**
 * The range of a parent that a partition reads, relative to it: `[start − before, end + after)`, in whole
 * units. `24h` is 24 before; `24h..1h` also one after; `1d..-1d` is the day before.
 */
export interface Window {
  readonly unit: Grain
  readonly before: number
  readonly after: number
}

/**
 * From a model to what it reads. `window` is 'none' for the whole relation, untracked; 'own' (the default)
 * is the partition being built, or the whole relation, tracked, where reader or parent has no partitions.
 *
 * `previous` is the model's own table before the partition; it orders steps and is compared, but never blocks.
 */
export interface Edge {
  readonly kind: 'ref' | 'source' | 'previous'
  /** Id of the parent: `silver.fact_ohlcv`, `bronze.ohlcv_native`. */
  readonly parent: string
  readonly window: Window | 'own' | 'none'
}

const WINDOW = /^(-?\d+)([hd])(?:\.\.(-?\d+)([hd]))?$/

/**
 * Reads `24h`, `24h..1h`, `1d..-1d` or `none`.
 *
 * @throws {KxError} KX_WINDOW_INVALID
 */
export function parseWindow(text: string): Window | 'none' {
  if (text === 'none') return 'none'
  const match = WINDOW.exec(text.trim())
  if (!match || (match[4] !== undefined && match[4] !== match[2])) throw invalidWindow(text)
  const before = Number(match[1])
  const after = Number(match[3] ?? 0)
  if (before + after < 0) throw invalidWindow(text)
  return { unit: match[2] === 'h' ? 'hour' : 'day', before, after }
}

/** The time that `window` covers for a step over the range, rounded out to the window's unit first. */
export function windowRange(window: Window, { startMs, endMs }: TimeRange): TimeRange {
  const unitMs = window.unit === 'hour' ? HOUR_MS : DAY_MS
  return {
    startMs: Math.floor(startMs / unitMs) * unitMs - window.before * unitMs,
    endMs: Math.ceil(endMs / unitMs) * unitMs + window.after * unitMs,
  }
}

/** `24h..1h`, as people write it. */
export function formatWindow(window: Edge['window']): string {
  if (typeof window === 'string') return window
  const unit = window.unit === 'hour' ? 'h' : 'd'
  return window.after === 0 ? `${window.before}${unit}` : `${window.before}${unit}..${window.after}${unit}`
}

function invalidWindow(text: string): KxError {
  return new KxError('KX_WINDOW_INVALID', `'${text}' is not a window`, {
    hint: "Write hours or days before, and after if wanted: '24h', '24h..1h', '1d..-1d', 'none'.",
  })
}
