import { join } from 'node:path'
import { openTail, type Tail } from '../collector/load/tail.ts'
import type { Warehouse } from '../warehouse/index.ts'
import type { FeedLanding } from './a-feed-landing.ts'
import { aFastClock } from './a-landing.ts'
import { type LoadBench, loadInstruments } from './a-load.ts'
import { candleTable, eventTable, tickTable, uptimeTable } from './source-tables.ts'

/** Channels of a landing. */
export const channels = ['btc', 'btcUsdc', 'ticks', 'events', 'uptime'] as const
/** Empties bronze and its ledger. */
export const EMPTY =
  'truncate bronze.ohlcv_native, bronze.market_ticks, bronze.connection_events, bronze.feed_uptime, kx.load, kx.load_file, kx.source_partition, kx.change'
/** Rows, and how many of them are different records. */
export const RECORDS = `select
    (select count(*) || '/' || count(distinct (feed_id, sequence, row)) from bronze.ohlcv_native),
    (select count(*) || '/' || count(distinct (feed_id, sequence, row)) from bronze.market_ticks),
    (select count(*) || '/' || count(distinct event_at) from bronze.connection_events),
    (select count(*) || '/' || count(distinct up_from) from bronze.feed_uptime)`
const TABLES = `select count(*)::int from bronze.ohlcv_native union all select count(*) from bronze.market_ticks
  union all select count(*) from bronze.connection_events union all select count(*) from bronze.feed_uptime`
/** Whether tables and ledger say the same. */
export const AGREEMENT = `select
    (select sum(n) from (${TABLES}) as t (n)) = all (array[
        (select coalesce(sum(rows), 0) from kx.source_partition), (select coalesce(sum(rows), 0) from kx.load),
        (select coalesce(sum(rows), 0) from kx.load_file)
    ])`

/** A tail of a landing into the bench's warehouse. */
export function aTail(bench: LoadBench, landing: FeedLanding, through: Warehouse = bench.warehouse): Tail {
  return openTail({
    warehouse: through,
    tables: [candleTable, tickTable, eventTable, uptimeTable],
    instruments: loadInstruments,
    landingDirectory: landing.directory,
    stateDirectory: join(bench.directory, '.kx'),
    clock: aFastClock('2024-05-01T14:30:00Z'),
  })
}

/** What bronze should hold of a landing: `6/6 3/3 1/1 1/1`. */
export function expected({ written }: FeedLanding): string {
  const of = (channel: string) => written[channel] ?? 0
  const counts = [of('btc') + of('btcUsdc'), of('ticks'), of('events'), of('uptime')]
  return counts.map((count) => `${count}/${count}`).join(' ')
}
