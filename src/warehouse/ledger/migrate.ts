import { identifier, KxError } from '../../base/index.ts'
import { migrations } from '../migrations/index.ts'
import { type Session, SqlError } from '../session.ts'
import type { Warehouse } from '../warehouse.ts'

/** One lock for all ledgers of a database: two first runs must not both create the schema. */
const MIGRATION_LOCK = 7_091_842_113

/**
 * Brings the ledger in `schema` up to date; one small query when it is already.
 *
 * @throws {KxError} KX_LEDGER_VERSION if a newer kx wrote it
 */
export async function migrateLedger(warehouse: Warehouse, schema: string): Promise<void> {
  const name = identifier(schema)
  const newest = migrations.at(-1)?.number ?? 0
  const current = await readVersion(warehouse, name)
  if (current === newest) return
  if (current > newest) {
    throw new KxError(
      'KX_LEDGER_VERSION',
      `the ledger in ${schema} is of version ${current}, this kx knows ${newest}`,
      {
        hint: 'Use the newer kx that wrote it.',
      },
    )
  }
  await using session = await warehouse.session()
  await session.query('select pg_advisory_lock($1::bigint)', [MIGRATION_LOCK])
  try {
    await session.query(`create schema if not exists ${name}`)
    await session.query(
      `create table if not exists ${name}.migration (number int primary key, applied_at timestamptz not null)`,
    )
    const { rows } = await session.query<{ number: number }>(`select number from ${name}.migration`)
    const applied = new Set(rows.map((row) => row.number))
    for (const migration of migrations) {
      if (!applied.has(migration.number)) await apply(session, name, migration)
    }
  } finally {
    await session.query('select pg_advisory_unlock($1::bigint)', [MIGRATION_LOCK])
  }
}

async function apply(
  session: Session,
  name: string,
  migration: { number: number; sql: string },
): Promise<void> {
  await session.query(
    // Several statements in one message are one transaction.
    `${migration.sql.replaceAll('SCHEMA', name)};
    insert into ${name}.migration values (${migration.number}, clock_timestamp())`,
  )
}

async function readVersion(warehouse: Warehouse, name: string): Promise<number> {
  try {
    const { rows } = await warehouse.query<{ n: number }>(
      `select coalesce(max(number), 0) as n from ${name}.migration`,
    )
    return rows[0]?.n ?? 0
  } catch (error) {
    const isNew = error instanceof SqlError && ['42P01', '3F000'].includes(error.sqlstate)
    if (isNew) return 0
    throw error
  }
}
