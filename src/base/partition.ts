import { KxError } from './error.ts'

export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** How a model is cut in time: one UTC hour or one UTC day. */
export type Grain = 'hour' | 'day'

/**
 * One UTC hour or day of data, half-open: `start <= t < end`.
 *
 * The key is the text people type and file names carry: `2024-05-01T13`, or `2024-05-01` for a day.
 */
export interface Partition {
  readonly key: string
  readonly grain: Grain
  /** Inclusive, ms since the epoch, UTC. */
  readonly startMs: number
  /** Exclusive, ms since the epoch, UTC. */
  readonly endMs: number
}

/** A half-open range of time in ms since the epoch. */
export interface TimeRange {
  readonly startMs: number
  readonly endMs: number
}

/** Length of one partition of `grain` in ms. */
export function grainMs(grain: Grain): number {
  return grain === 'hour' ? HOUR_MS : DAY_MS
}

/** The partition of `grain` that `timeMs` falls in. */
export function partitionOf(timeMs: number, grain: Grain = 'hour'): Partition {
  const width = grainMs(grain)
  const startMs = Math.floor(timeMs / width) * width
  return { key: partitionKey(startMs, grain), grain, startMs, endMs: startMs + width }
}

/** The key of the partition that starts at `startMs`: `2024-05-01T13`, or `2024-05-01` for a day. */
export function partitionKey(startMs: number, grain: Grain = 'hour'): string {
  return new Date(startMs).toISOString().slice(0, grain === 'hour' ? 13 : 10)
}

const KEY = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}))?)?)?$/

/**
 * Reads an hour, day, month, year or range of them (both ends included) as a range of time:
 * `2024-05-01T13`, `2024-05-01`, `2024-05`, `2024-05-01..2024-05-03T11`.
 *
 * @throws {KxError} KX_PARTITION_INVALID
 */
export function parseTimeRange(text: string): TimeRange {
  const [first, last, ...more] = text.split('..')
  if (first === undefined || more.length > 0) throw invalid(text)
  const from = parseKey(first, text)
  const to = last === undefined ? from : parseKey(last, text)
  if (to.endMs <= from.startMs) {
    throw new KxError('KX_PARTITION_INVALID', `the range '${text}' ends before it begins`, {
      hint: 'Put the earlier hour first.',
    })
  }
  return { startMs: from.startMs, endMs: to.endMs }
}

function parseKey(key: string, whole: string): TimeRange {
  const match = KEY.exec(key)
  if (!match) throw invalid(whole)
  const [, year, month, day, hour] = match
  const iso = `${year}-${month ?? '01'}-${day ?? '01'}T${hour ?? '00'}:00:00.000Z`
  const startMs = Date.parse(iso)
  if (Number.isNaN(startMs) || new Date(startMs).toISOString() !== iso) throw invalid(whole)
  if (hour !== undefined) return { startMs, endMs: startMs + HOUR_MS }
  if (day !== undefined) return { startMs, endMs: startMs + DAY_MS }
  const start = new Date(startMs)
  const endMs =
    month !== undefined
      ? Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1)
      : Date.UTC(start.getUTCFullYear() + 1, 0)
  return { startMs, endMs }
}

function invalid(text: string): KxError {
  return new KxError('KX_PARTITION_INVALID', `'${text}' is not an hour, day, month or range of them`, {
    hint: 'Write an hour as 2024-05-01T13, a day as 2024-05-01, a range as 2024-05-01T13..2024-05-02T11.',
  })
}
