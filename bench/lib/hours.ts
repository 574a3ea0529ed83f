import { fillBronze } from './candles.ts'
import { type Database, psql } from './database.ts'
import { run } from './process.ts'
import { type Kx, kxCommand } from './project.ts'

/** The five models of the hourly measures, by name. */
export const FIVE = ['fact_ohlcv', 'ohlcv_5m', 'ohlcv_15m', 'ohlcv_30m', 'ohlcv_1h'] as const

const RELATIONS = FIVE.map((name) => (name === 'fact_ohlcv' ? `silver.${name}` : `gold.${name}`))

/** `kx run` of the five models. */
export const RUN_FIVE: readonly string[] = ['run', '--select', ...FIVE]

/** Puts `hours` hours of candles into a warehouse: kx makes the tables of bronze, SQL fills them. */
export function fillWarehouse(kx: Kx, project: string, { database, hours }: Filled): void {
  run(kxCommand(kx, project, ['plan'], database.target))
  fillBronze(database.psql, hours)
}

/** A warehouse to fill, as kx and as psql reach it: kx finds its embedded one by itself. */
export interface Filled {
  readonly database: { readonly psql: Database; readonly target?: Database }
  readonly hours: number
}

/** Forgets everything that was built: no table of a model, no line in the ledger, versions as the load left them. */
export function resetSql(): string {
  return `
drop schema if exists silver, gold, marts cascade;
truncate kx.partition, kx.relation, kx.run, kx.run_step, kx.assertion_result;
delete from kx.change where run_id is not null;
select setval('kx.version', (select max(version) from (
    select version from kx.source_partition union all select version from kx.source_range
) as versions));
checkpoint`
}

/** Forgets one hour of the five models: its rows and what the ledger says of it. */
export function forgetHourSql(hour: string): string {
  const deletes = RELATIONS.map(
    (name) =>
      `delete from ${name} where interval_start >= '${hour}:00:00Z' and interval_start < '${hour}:00:00Z'::timestamptz + interval '1 hour'`,
  )
  const models = RELATIONS.map((name) => `'${name}'`).join(', ')
  deletes.push(`delete from kx.partition where partition_start = '${hour}:00:00Z' and model in (${models})`)
  return deletes.join(';\n')
}

/** One line a table: rows and a hash of their content, of the five models and of the ledger without its clocks. */
export function fingerprint(database: Database, { withVersions }: { withVersions: boolean }): string {
  const ledger = withVersions
    ? '(select model, partition_start, status, code_hash, version, inputs, rows from kx.partition)'
    : '(select model, partition_start, status, code_hash, rows from kx.partition)'
  const branches = [...RELATIONS, ledger].map(
    (from, i) =>
      `select ${i}, count(*), md5(string_agg(one::text, ',' order by one::text collate "C")) from ${from} as one`,
  )
  return psql(database, branches.join('\nunion all\n'))
}

/** @throws {Error} if two warehouses do not hold the same. */
export function expectSame(what: string, a: string, b: string): void {
  if (a !== b) throw new Error(`${what} differ:\n${a}\n--\n${b}`)
}
