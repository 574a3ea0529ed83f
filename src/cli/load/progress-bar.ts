import { count } from '../shared/format.ts'
import { formatSeconds } from './text.ts'

/** How far a load is. */
export interface Progress {
  readonly doneBytes: number
  readonly totalBytes: number
  readonly rows: number
  readonly elapsedMs: number
  readonly file: string
}

const BAR_WIDTH = 24

/** One line of progress, at most `columns` wide: bar, share, rows, rate, time left, file. */
export function renderProgress(progress: Progress, columns: number): string {
  const share = progress.totalBytes === 0 ? 1 : Math.min(1, progress.doneBytes / progress.totalBytes)
  const filled = Math.round(share * BAR_WIDTH)
  const bar = `[${'='.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}]`
  const name = progress.file.slice(progress.file.lastIndexOf('/') + 1)
  return `${bar} ${renderRate(progress)}  ${name}`.slice(0, Math.max(columns - 1, 20))
}

/** `43 %  1,234,567 rows  210,000 rows/s  12 s left`. */
export function renderRate({ doneBytes, totalBytes, rows, elapsedMs }: Progress): string {
  const share = totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes)
  const seconds = elapsedMs / 1000
  const rate = seconds > 0 ? rows / seconds : 0
  const left = share > 0 ? `${formatSeconds((seconds * (1 - share)) / share)} left` : '? left'
  const percent = `${String(Math.floor(share * 100)).padStart(3)} %`
  return `${percent}  ${count(rows)} rows  ${count(rate)} rows/s  ${left}`
}
