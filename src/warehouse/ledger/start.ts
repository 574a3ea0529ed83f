import { identifier } from '../../base/index.ts'
import { migrations } from '../migrations/index.ts'
import { type Session, SqlError } from '../session.ts'
import { sourceLedgerSchema, type Target } from '../warehouse.ts'

/** What the ledger remembers of a source table. */
export interface KnownSource {
  /** Of the contract that the table was last brought to. */
  readonly contractHash: number | null
  /** Of what its rows were made from, for sources that kx fills itself (instruments). */
  readonly contentHash: string | null
  /** Whether the table is still there. */
  readonly isThere: boolean
}

/** A ledger as a command finds it: one query at every start. */
export interface LedgerStart {
  /** Number of the last migration; 0 where there is no ledger. */
  readonly version: number
  readonly isCurrent: boolean
  readonly sources: ReadonlyMap<string, KnownSource>
}

/** Reads how far the ledger of sources is migrated, and what it remembers of each source table. */
export async function readLedgerStart(on: Pick<Session, 'query'>, target: Target): Promise<LedgerStart> {
  const schema = identifier(sourceLedgerSchema(target))
  try {
    const { rows } = await on.query<StartRow>(
      `select migration.version, source.relation, source.contract_hash, source.content_hash,
    to_regclass($1 || source.relation) is not null as is_there
from (select max(number) as version from ${schema}.migration) as migration
left join ${schema}.source as source on true`,
      [target.sourcePrefix],
    )
    const version = rows[0]?.version ?? 0
    const known = rows.filter((row): row is StartRow & { relation: string } => row.relation !== null)
    return {
      version,
      isCurrent: version === migrations.at(-1)?.number,
      sources: new Map(
        known.map((row) => [
          row.relation,
          { contractHash: row.contract_hash, contentHash: row.content_hash, isThere: row.is_there },
        ]),
      ),
    }
  } catch (error) {
    const isNew = error instanceof SqlError && ['42P01', '3F000', '42703'].includes(error.sqlstate)
    if (isNew) return { version: 0, isCurrent: false, sources: new Map() }
    throw error
  }
}

interface StartRow {
  readonly version: number | null
  readonly relation: string | null
  readonly contract_hash: number | null
  readonly content_hash: string | null
  readonly is_there: boolean
}

/** Remembers the contracts that tables were brought to: hash by relation. */
export async function rememberContracts(
  on: Pick<Session, 'query'>,
  target: Target,
  hashes: ReadonlyMap<string, number>,
): Promise<void> {
  await on.query(
    `insert into ${identifier(sourceLedgerSchema(target))}.source (relation, contract_hash)
select relation, contract_hash from unnest($1::text[], $2::bigint[]) as u (relation, contract_hash)
on conflict (relation) do update set contract_hash = excluded.contract_hash`,
    [[...hashes.keys()], [...hashes.values()]],
  )
}
