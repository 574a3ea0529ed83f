import { HOUR_MS } from '../../base/index.ts'

const HOUR = /(?:^|\/)year=(\d{4})\/month=(\d{2})\/day=(\d{2})\/hour=(\d{2})(?:\/|$)/

/** When the hour of a folder or part of the landing ends, ms since the epoch; undefined: it names none. */
export function hourEndOf(path: string): number | undefined {
  const [, year, month, day, hour] = HOUR.exec(path) ?? []
  if (year === undefined) return undefined
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour)) + HOUR_MS
}
