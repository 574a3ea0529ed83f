import type { SourceTable } from '../../warehouse/index.ts'
import { type RecordKind, recordKinds } from '../formats/index.ts'

/** Bronze as the project declares it, by what is loaded into it. */
export type BronzeTables = Readonly<Partial<Record<RecordKind, SourceTable>>>

/** The table of each kind of records. */
const tableNames: Readonly<Record<RecordKind, string>> = {
  candles: 'ohlcv_native',
  ticks: 'market_ticks',
  connection_events: 'connection_events',
  feed_uptime: 'feed_uptime',
}

/** Those of a project's sources that landing is loaded into. */
export function bronzeTables(sources: readonly SourceTable[]): BronzeTables {
  const found = recordKinds.flatMap((kind) => {
    const table = sources.find(({ schema, name }) => schema === 'bronze' && name === tableNames[kind])
    return table === undefined ? [] : [[kind, table] as const]
  })
  return Object.fromEntries(found)
}

/** Why records of a kind are not loaded where their table is not declared. */
export function missingTable(kind: RecordKind): string {
  return `the project declares no bronze.${tableNames[kind]}`
}
