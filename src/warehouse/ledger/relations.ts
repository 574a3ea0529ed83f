import { type Grain, identifier } from '../../base/index.ts'
import type { Session } from '../session.ts'
import { ledgerSchema, type Target } from '../warehouse.ts'

/** A table or view that kx made, as the ledger knows it. */
export interface KnownRelation {
  readonly model: string
  readonly kind: 'table' | 'view'
  readonly schema: string
  readonly name: string
  readonly definitionHash: number
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Whether it is still there. */
  readonly isThere: boolean
}

/** The table or view that a line of kx.relation names; null if it is there no more. */
export function regclassOf(line: string): string {
  return `to_regclass(quote_ident(${line}.schema_name) || '.' || quote_ident(${line}.relation_name))`
}

/** All that kx made in `target`, by model. */
export async function readRelations(
  on: Pick<Session, 'query'>,
  target: Target,
): Promise<Map<string, KnownRelation>> {
  const { rows } = await on.query<{
    model: string
    kind: 'table' | 'view'
    schema_name: string
    relation_name: string
    definition_hash: number
    columns: string
    is_there: boolean
  }>(`select r.model, r.kind, r.schema_name, r.relation_name, r.definition_hash, r.columns,
    ${regclassOf('r')} is not null as is_there
from ${identifier(ledgerSchema(target))}.relation as r`)
  return new Map(
    rows.map((row) => [
      row.model,
      {
        model: row.model,
        kind: row.kind,
        schema: row.schema_name,
        name: row.relation_name,
        definitionHash: row.definition_hash,
        columns: (JSON.parse(row.columns) as [string, string][]).map(([name, type]) => ({ name, type })),
        isThere: row.is_there,
      },
    ]),
  )
}

/** Writes down a table or view that was made or changed, in the transaction that did it. */
export async function recordRelation(
  session: Session,
  target: Target,
  relation: Omit<KnownRelation, 'isThere'>,
): Promise<void> {
  await session.query(
    `insert into ${identifier(ledgerSchema(target))}.relation
    (model, kind, schema_name, relation_name, definition_hash, columns, made_at)
values ($1, $2, $3, $4, $5, $6, clock_timestamp())
on conflict (model) do update set kind = excluded.kind, schema_name = excluded.schema_name,
    relation_name = excluded.relation_name, definition_hash = excluded.definition_hash,
    columns = excluded.columns, made_at = excluded.made_at`,
    [
      relation.model,
      relation.kind,
      relation.schema,
      relation.name,
      relation.definitionHash,
      JSON.stringify(relation.columns.map(({ name, type }) => [name, type])),
    ],
  )
}

/** Remembers the vars that a version of a model's code depends on, in the transaction that meets it. */
export async function recordCode(
  session: Session,
  target: Target,
  { model, codeHash, vars }: { model: string; codeHash: number; vars: Readonly<Record<string, unknown>> },
): Promise<void> {
  await session.query(
    `insert into ${identifier(ledgerSchema(target))}.code (model, code_hash, vars, seen_at)
values ($1, $2, $3, clock_timestamp())
on conflict do nothing`,
    [model, codeHash, JSON.stringify(vars)],
  )
}

/**
 * Forgets partitions of the time when a model was cut otherwise: its rows are written across them from now on, so
 * they must not pass for built if it is ever cut that way again.
 */
export async function forgetOtherGrains(
  session: Session,
  target: Target,
  { model, grain }: { model: string; grain: Grain | undefined },
): Promise<void> {
  const isOther =
    grain === undefined
      ? `isfinite(partition_start)`
      : `not isfinite(partition_start) or date_trunc('${grain}', partition_start, 'UTC') <> partition_start`
  await session.query(
    `delete from ${identifier(ledgerSchema(target))}.partition where model = $1 and (${isOther})`,
    [model],
  )
}

/**
 * Moves the versions of partitions whose rows a change of the table itself changes, in its transaction.
 * `rowsSql` gives their starts (`at`) and how many rows change in each (`rows`).
 */
export async function movePartitions(
  session: Session,
  target: Target,
  { model, runId, rowsSql }: { model: string; runId: string; rowsSql: string },
): Promise<void> {
  const schema = identifier(ledgerSchema(target))
  await session.query(
    `with touched as (
${rowsSql}
),
moved as (
    update ${schema}.partition as p set version = nextval('${schema}.version')
    from touched
    where p.model = $1 and p.partition_start = touched.at and p.status is not null
    returning p.version, p.partition_start, touched.rows
)
insert into ${schema}.change (version, relation, hour, load_id, run_id, rows, changed_at)
select version, $1, partition_start, null, $2, rows, clock_timestamp() from moved`,
    [model, runId],
  )
}

/** Forgets what a model's table or view held, in the transaction that makes it again after somebody dropped it. */
export async function forgetPartitions(session: Session, target: Target, model: string): Promise<void> {
  await session.query(`delete from ${identifier(ledgerSchema(target))}.partition where model = $1`, [model])
}

/** Gives a relation, its partitions and its history another name, in the transaction that renames the table. */
export async function renameRelation(
  session: Session,
  target: Target,
  { from, to }: { from: string; to: { model: string; schema: string; name: string } },
): Promise<void> {
  const schema = identifier(ledgerSchema(target))
  // Under the new name there can be failed attempts, and nothing that holds rows.
  await session.query(`delete from ${schema}.partition where model = $1`, [to.model])
  await session.query(
    `update ${schema}.relation set model = $2, schema_name = $3, relation_name = $4 where model = $1`,
    [from, to.model, to.schema, to.name],
  )
  await session.query(`update ${schema}.partition set model = $2 where model = $1`, [from, to.model])
  await session.query(`delete from ${schema}.code where model = $1`, [to.model])
  await session.query(`update ${schema}.code set model = $2 where model = $1`, [from, to.model])
  await session.query(`update ${schema}.change set relation = $2 where relation = $1`, [from, to.model])
  await session.query(`update ${schema}.run_step set model = $2 where model = $1`, [from, to.model])
}

/** Forgets a relation and all its partitions: after it was dropped. */
export async function forgetRelation(session: Session, target: Target, model: string): Promise<void> {
  const schema = identifier(ledgerSchema(target))
  await session.query(`delete from ${schema}.relation where model = $1`, [model])
  await session.query(`delete from ${schema}.partition where model = $1`, [model])
  await session.query(`delete from ${schema}.code where model = $1`, [model])
}
