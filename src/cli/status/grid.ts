import { DAY_MS, HOUR_MS, partitionKey } from '../../base/index.ts'
import type { AssessedModel, PartitionState } from '../../runner/index.ts'
import { type Io, paint } from '../shared/io.ts'

/** Days that the grid shows, the last ones that have something. */
const DAYS = 4

const SIGNS: Readonly<Record<PartitionState, string>> = {
  current: '■',
  missing: '·',
  stale: '~',
  partial: '◧',
  failed: '✗',
  frozen: '*',
}

const STYLES = {
  current: 'green',
  missing: 'yellow',
  stale: 'yellow',
  partial: 'cyan',
  failed: 'red',
  frozen: 'dim',
} as const

/** The last days as a grid: one row per model and day, one sign per hour, blank where no hour exists. */
export function gridLines(io: Pick<Io, 'isColored'>, models: readonly AssessedModel[]): string[] {
  const hourly = models.filter(({ model, partitions }) => model.grain === 'hour' && partitions.length > 0)
  const ends = hourly.map(({ partitions }) => partitions.at(-1)?.startMs ?? 0)
  if (ends.length === 0) return []
  const lastDay = Math.floor(Math.max(...ends) / DAY_MS) * DAY_MS
  const width = Math.max(...hourly.map(({ model }) => model.id.length))
  const lines = [`\n${' '.repeat(width + 12)}  00    06    12    18`]
  for (let day = lastDay - (DAYS - 1) * DAY_MS; day <= lastDay; day += DAY_MS) {
    for (const { model, partitions } of hourly) {
      const cells = Array.from(
        { length: 24 },
        (_, hour) => partitions.startingAt(day + hour * HOUR_MS)?.state,
      )
      if (cells.every((state) => state === undefined)) continue
      const row = cells
        .map((state) => (state === undefined ? ' ' : paint(io, STYLES[state], SIGNS[state])))
        .join('')
      lines.push(`${partitionKey(day, 'day')}  ${model.id.padEnd(width)}  ${row}`.trimEnd())
    }
  }
  lines.push(
    `${SIGNS.current} current  ${SIGNS.missing} missing  ${SIGNS.stale} stale  ${SIGNS.partial} partial  ${SIGNS.failed} failed  ${SIGNS.frozen} frozen`,
  )
  return lines
}
