import { DAY_MS, HOUR_MS, partitionKey } from '../../base/index.ts'

/** `1,234,567`. Not toLocaleString: its first call takes 20 ms to load the language. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `12 ms`, `3.4 s`, `2 m 05 s`, `3 h 20 m`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return `${minutes} m ${String(Math.floor((ms % 60_000) / 1000)).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} m`
}

/** `2024-05-01T13`, `2024-05-01T13..2024-05-01T15`, whole days as days, or `once` for what has no partitions. */
export function rangeText(startMs: number, endMs: number): string {
  if (Number.isNaN(startMs)) return 'once'
  const isDays = startMs % DAY_MS === 0 && endMs % DAY_MS === 0
  const first = partitionKey(startMs, isDays ? 'day' : 'hour')
  const last = isDays ? partitionKey(endMs - DAY_MS, 'day') : partitionKey(endMs - HOUR_MS)
  return first === last ? first : `${first}..${last}`
}

/** `1 hour`, `3 hours`. */
export function plural(value: number, word: string): string {
  return `${count(value)} ${word}${value === 1 ? '' : 's'}`
}

/** Rows as columns of equal width; numbers (in `right`) to the right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  return rows.map((row) =>
    row
      .map((cell, i) => (right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

/** Hours as ranges without holes: `[13, 14, 16]` → `13..14, 16`. */
export function hourRanges(
  startsMs: readonly number[],
  widthMs = HOUR_MS,
): { startMs: number; endMs: number }[] {
  const ranges: { startMs: number; endMs: number }[] = []
  for (const startMs of [...startsMs].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last !== undefined && last.endMs === startMs) last.endMs = startMs + widthMs
    else ranges.push({ startMs, endMs: startMs + widthMs })
  }
  return ranges
}
