import { identifier } from '../../base/index.ts'
import { type Session, sourceLedgerSchema, type Target } from '../../warehouse/index.ts'
import type { DeliveryState } from '../finality/index.ts'

/** How far a file was read, as the ledger has it. */
export interface LedgerFile {
  /** `bronze.ohlcv_native` */
  readonly relation: string
  readonly landingFile: string
  readonly fingerprint: number
  /** Bytes of uncompressed content, and lines, that are in bronze. */
  readonly toByte: number
  readonly toLine: number
  /** sha256 of those bytes. */
  readonly checksum: string
  /** The last line read had no end. */
  readonly isLineOpen: boolean
  readonly carry: DeliveryState | undefined
  readonly rows: number
  readonly badLines: number
}

/** What one transaction took from one file; rows and badLines are of this transaction alone. */
export interface LoadedSegment extends LedgerFile {
  readonly format: string
  readonly fromByte: number
  readonly fromLine: number
  readonly quietRows: number
  /** ms since the epoch; NaN: no rows. */
  readonly firstStartMs: number
  readonly lastStartMs: number
}

/** A transaction that loads: its id and time. */
export interface OpenLoad {
  readonly loadId: number
  /** µs since the epoch, the server's clock. */
  readonly loadedAtUs: number
}

/** Begins a transaction and gives it an id: that of a load that goes on, or a new one. */
export async function beginLoad(session: Session, target: Target, loadId?: number): Promise<OpenLoad> {
  const id = loadId ?? `nextval('${identifier(sourceLedgerSchema(target))}.load_id')`
  const { rows } = await session.query<{ load_id: number; us: number }>(
    `begin; select ${id} as load_id, (extract(epoch from clock_timestamp()) * 1000000)::bigint as us`,
  )
  const [row] = rows
  return { loadId: Number(row?.load_id), loadedAtUs: Number(row?.us) }
}

/** The ledger's files of these names or of this content's beginning. */
export async function readLedgerFiles(
  session: Session,
  target: Target,
  wanted: {
    readonly relations: readonly string[]
    readonly names: readonly string[]
    readonly fingerprints: readonly number[]
  },
): Promise<LedgerFile[]> {
  const { rows } = await session.query<LedgerRow>(
    `select relation, landing_file, fingerprint, to_byte, to_line, checksum, is_line_open, carry::text as carry, rows, bad_lines
    from ${identifier(sourceLedgerSchema(target))}.load_file
    where relation = any($1::text[]) and (landing_file = any($2::text[]) or fingerprint = any($3::bigint[]))`,
    [wanted.relations, wanted.names, wanted.fingerprints],
  )
  return rows.map((row) => ({
    relation: row.relation,
    landingFile: row.landing_file,
    fingerprint: Number(row.fingerprint),
    toByte: Number(row.to_byte),
    toLine: Number(row.to_line),
    checksum: row.checksum,
    isLineOpen: row.is_line_open,
    carry: row.carry === null ? undefined : (JSON.parse(row.carry) as DeliveryState),
    rows: Number(row.rows),
    badLines: Number(row.bad_lines),
  }))
}

interface LedgerRow {
  readonly relation: string
  readonly landing_file: string
  readonly fingerprint: number
  readonly to_byte: number
  readonly to_line: number
  readonly checksum: string
  readonly is_line_open: boolean
  readonly carry: string | null
  readonly rows: number
  readonly bad_lines: number
}

/**
 * Writes what a transaction loaded; a load of several transactions has one line for each file.
 *
 * @returns whether every file still stood where this load began to read
 */
export async function writeSegments(
  session: Session,
  target: Target,
  { loadId, segments }: { readonly loadId: number; readonly segments: readonly LoadedSegment[] },
): Promise<boolean> {
  const schema = identifier(sourceLedgerSchema(target))
  const seconds = (ms: number) => (Number.isNaN(ms) ? null : ms / 1000)
  const column = <Value>(pick: (segment: LoadedSegment) => Value) => segments.map(pick)
  const { rowCount } = await session.query(
    `with segment as (
        select *
        from unnest(
            $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
            $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::boolean[],
            $15::jsonb[], $16::float8[], $17::float8[]
        ) as u (
            relation, landing_file, fingerprint, format, from_byte, to_byte, from_line,
            to_line, rows, quiet_rows, bad_lines, checksum, is_line_open,
            carry, first_s, last_s
        )
    ),
    logged as (
        insert into ${schema}.load (
            load_id, relation, landing_file, transaction_id, from_byte, to_byte, from_line, to_line, rows,
            quiet_rows, bad_lines, checksum, first_start, last_start, loaded_at
        )
        select
            $1, relation, landing_file, pg_current_xact_id(), from_byte, to_byte, from_line, to_line, rows,
            quiet_rows, bad_lines, checksum, to_timestamp(first_s), to_timestamp(last_s), clock_timestamp()
        from segment
        on conflict (load_id, landing_file) do update set
            transaction_id = excluded.transaction_id,
            to_byte = excluded.to_byte,
            to_line = excluded.to_line,
            rows = load.rows + excluded.rows,
            quiet_rows = load.quiet_rows + excluded.quiet_rows,
            bad_lines = load.bad_lines + excluded.bad_lines,
            checksum = excluded.checksum,
            first_start = least(load.first_start, excluded.first_start),
            last_start = greatest(load.last_start, excluded.last_start),
            loaded_at = excluded.loaded_at
    )
    insert into ${schema}.load_file (
        relation, landing_file, fingerprint, format, from_byte, to_byte, to_line, checksum, is_line_open,
        carry, rows, bad_lines, loaded_at
    )
    select
        relation, landing_file, fingerprint, format, from_byte, to_byte, to_line, checksum, is_line_open,
        carry, rows, bad_lines, clock_timestamp()
    from segment
    -- Reading goes on only where the ledger knows the beginning: it may have been restored from before.
    where from_byte = 0 or exists (
        select from ${schema}.load_file as known
        where known.relation = segment.relation and known.landing_file = segment.landing_file
    )
    order by relation, landing_file
    on conflict (relation, landing_file) do update set
        fingerprint = excluded.fingerprint,
        format = excluded.format,
        from_byte = excluded.from_byte,
        to_byte = excluded.to_byte,
        to_line = excluded.to_line,
        checksum = excluded.checksum,
        is_line_open = excluded.is_line_open,
        carry = excluded.carry,
        rows = load_file.rows + excluded.rows,
        bad_lines = load_file.bad_lines + excluded.bad_lines,
        loaded_at = excluded.loaded_at
    where load_file.to_byte = excluded.from_byte`,
    [
      loadId,
      column((segment) => segment.relation),
      column((segment) => segment.landingFile),
      column((segment) => segment.fingerprint),
      column((segment) => segment.format),
      column((segment) => segment.fromByte),
      column((segment) => segment.toByte),
      column((segment) => segment.fromLine),
      column((segment) => segment.toLine),
      column((segment) => segment.rows),
      column((segment) => segment.quietRows),
      column((segment) => segment.badLines),
      column((segment) => segment.checksum),
      column((segment) => segment.isLineOpen),
      column((segment) => (segment.carry === undefined ? null : JSON.stringify(segment.carry))),
      column((segment) => seconds(segment.firstStartMs)),
      column((segment) => seconds(segment.lastStartMs)),
    ],
  )
  return rowCount === segments.length
}

/** Tries to lock several files for this session; gives back the keys it got. */
export async function tryLock(session: Session, keys: readonly number[]): Promise<Set<number>> {
  const { rows } = await session.query<{ key: number; got: boolean }>(
    `select key, pg_try_advisory_lock(key) as got from unnest($1::bigint[]) as u(key)`,
    [keys],
  )
  return new Set(rows.filter((row) => row.got).map((row) => Number(row.key)))
}

/** Waits for a file's lock. */
export async function lock(session: Session, key: number): Promise<void> {
  await session.query('select pg_advisory_lock($1::bigint)', [key])
}

/** Gives back files' locks. */
export async function unlock(session: Session, keys: readonly number[]): Promise<void> {
  if (keys.length === 0) return
  await session.query('select pg_advisory_unlock(key) from unnest($1::bigint[]) as u(key)', [keys])
}
