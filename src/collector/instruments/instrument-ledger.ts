import { createHash } from 'node:crypto'
import { type Instrument, identifier } from '../../base/index.ts'
import { type Session, type SourceTable, sourceLedgerSchema, type Target } from '../../warehouse/index.ts'

/** As project.yml's list and the table's rows both have it. */
export interface InstrumentRow {
  readonly exchange: string
  readonly native_symbol: string
  readonly symbol: string
  readonly quote_asset: string
  readonly multiplier: number
  readonly market_type: string
  /** Seconds since the epoch; null: always, still. */
  readonly listed_from: number | null
  readonly listed_to: number | null
  readonly renamed_from: string | null
}

/** An instrument as a row. */
export function rowOf(instrument: Instrument): InstrumentRow {
  const seconds = (ms: number | undefined) => (ms === undefined ? null : ms / 1000)
  return {
    exchange: instrument.exchange,
    native_symbol: instrument.nativeSymbol,
    symbol: instrument.symbol,
    quote_asset: instrument.quoteAsset,
    multiplier: instrument.multiplier,
    market_type: instrument.marketType,
    listed_from: seconds(instrument.listedFromMs),
    listed_to: seconds(instrument.listedToMs),
    renamed_from: instrument.renamedFrom ?? null,
  }
}

/** `bronze.instrument`, as the ledger names it. */
export function instrumentRelation(table: SourceTable): string {
  return `${table.schema}.instrument`
}

/** One lock for all who write instruments: the table has no key that would hold two of them apart. */
export async function lockInstruments(session: Session, target: Target, table: SourceTable): Promise<void> {
  const text = `${target.sourcePrefix}kx ${instrumentRelation(table)}`
  const key = Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 13), 16)
  await session.query('select pg_advisory_xact_lock($1::bigint)', [key])
}

/** The hash of the list that bronze.instrument was last made equal to. */
export async function readContentHash(
  session: Pick<Session, 'query'>,
  target: Target,
  relation: string,
): Promise<string | null> {
  const { rows } = await session.query<{ content_hash: string | null }>(
    `select content_hash from ${identifier(sourceLedgerSchema(target))}.source where relation = $1`,
    [relation],
  )
  return rows[0]?.content_hash ?? null
}

/** Writes that hash. */
export async function writeContentHash(
  session: Session,
  target: Target,
  relation: string,
  hash: string,
): Promise<void> {
  await session.query(
    `insert into ${identifier(sourceLedgerSchema(target))}.source (relation, content_hash) values ($1, $2)
    on conflict (relation) do update set content_hash = excluded.content_hash`,
    [relation, hash],
  )
}

/** The instruments that the warehouse expects. */
export async function readExpected(
  session: Session,
  target: Target,
  table: SourceTable,
): Promise<InstrumentRow[]> {
  const { rows } = await session.query<InstrumentRow>(
    `select
        exchange, native_symbol, symbol, quote_asset, multiplier::float8 as multiplier, market_type,
        case when isfinite(listed_from) then extract(epoch from listed_from)::float8 end as listed_from,
        case when isfinite(listed_to) then extract(epoch from listed_to)::float8 end as listed_to,
        renamed_from
    from ${instrumentTable(table, target)}
    where is_expected`,
  )
  return rows
}

/** Takes rows out of bronze.instrument, expected or not. */
export async function deleteInstruments(
  session: Session,
  target: Target,
  { table, rows }: { readonly table: SourceTable; readonly rows: readonly InstrumentRow[] },
): Promise<void> {
  if (rows.length === 0) return
  await session.query(
    `delete from ${instrumentTable(table, target)} as bronze
    using jsonb_to_recordset($1::jsonb) as gone (exchange text, native_symbol text, listed_from float8)
    where bronze.exchange = gone.exchange
        and bronze.native_symbol = gone.native_symbol
        and bronze.is_expected
        and bronze.listed_from = coalesce(to_timestamp(gone.listed_from), '-infinity')`,
    [JSON.stringify(rows)],
  )
}

/** Adds expected rows; an unlisted row of the same name gives way and leaves its first_seen_at. */
export async function insertExpected(
  session: Session,
  target: Target,
  { table, rows }: { readonly table: SourceTable; readonly rows: readonly InstrumentRow[] },
): Promise<void> {
  if (rows.length === 0) return
  await session.query(
    `with listed as (
        select *
        from jsonb_to_recordset($1::jsonb) as u (
            exchange text, native_symbol text, symbol text, quote_asset text, multiplier float8,
            market_type text, listed_from float8, listed_to float8, renamed_from text
        )
    ),
    gone as (
        delete from ${instrumentTable(table, target)} as bronze
        using listed
        where bronze.exchange = listed.exchange
            and bronze.native_symbol = listed.native_symbol
            and not bronze.is_expected
        returning bronze.exchange, bronze.native_symbol, bronze.first_seen_at
    )
    insert into ${instrumentTable(table, target)} (
        exchange, native_symbol, symbol, quote_asset, multiplier, market_type,
        listed_from, listed_to, renamed_from, is_expected, first_seen_at
    )
    select
        listed.exchange, listed.native_symbol, symbol, quote_asset, multiplier, market_type,
        coalesce(to_timestamp(listed_from), '-infinity'), coalesce(to_timestamp(listed_to), 'infinity'),
        renamed_from, true, coalesce(gone.first_seen_at, clock_timestamp())
    from listed
    left join gone using (exchange, native_symbol)`,
    [JSON.stringify(rows)],
  )
}

/** Appends the ranges of time whose set of expected instruments changed. */
export async function appendRanges(
  session: Session,
  target: Target,
  {
    relation,
    changes,
  }: {
    readonly relation: string
    readonly changes: readonly {
      readonly fromS: number | null
      readonly toS: number | null
      readonly note: string
    }[]
  },
): Promise<void> {
  const schema = identifier(sourceLedgerSchema(target))
  await session.query(
    `insert into ${schema}.source_range (relation, version, valid_from, valid_to, note, changed_at)
    select
        $1, nextval('${schema}.version'), coalesce(to_timestamp(from_s), '-infinity'),
        coalesce(to_timestamp(to_s), 'infinity'), note, clock_timestamp()
    from unnest($2::float8[], $3::float8[], $4::text[]) as u (from_s, to_s, note)`,
    [
      relation,
      changes.map(({ fromS }) => fromS),
      changes.map(({ toS }) => toS),
      changes.map(({ note }) => note),
    ],
  )
}

/** Adds instruments that project.yml does not list, once each, in the caller's transaction. */
export async function registerUnlisted(
  session: Session,
  target: Target,
  { table, instruments }: { readonly table: SourceTable; readonly instruments: readonly Instrument[] },
): Promise<void> {
  if (instruments.length === 0) return
  await lockInstruments(session, target, table)
  await session.query(
    `insert into ${instrumentTable(table, target)} (
        exchange, native_symbol, symbol, quote_asset, multiplier, market_type,
        listed_from, listed_to, renamed_from, is_expected, first_seen_at
    )
    select
        exchange, native_symbol, symbol, quote_asset, multiplier, market_type,
        '-infinity', 'infinity', null, false, clock_timestamp()
    from jsonb_to_recordset($1::jsonb) as u (
        exchange text, native_symbol text, symbol text, quote_asset text, multiplier float8, market_type text
    )
    where not exists (
        select from ${instrumentTable(table, target)} as bronze
        where bronze.exchange = u.exchange and bronze.native_symbol = u.native_symbol
    )`,
    [JSON.stringify(instruments.map(rowOf))],
  )
}

function instrumentTable(table: SourceTable, target: Target): string {
  return identifier(`${target.sourcePrefix}${table.schema}`, 'instrument')
}
