import { identifier, KxError } from '../../base/index.ts'
import { type Session, SqlError } from '../../warehouse/index.ts'
import type { Model, Seed } from '../model/index.ts'
import { relationName } from '../sql/index.ts'
import type { RunContext } from './context.ts'
import type { Described } from './describe.ts'
import { withViewsRemade } from './views.ts'

/** The columns that tell a node's rows apart; none for a seed. */
export function keyOf(node: Model | Seed): readonly string[] {
  return node.kind === 'seed' ? [] : node.config.uniqueKey
}

/** The column that places a row in its partition. */
export function timeColumnOf(node: Model | Seed): string | undefined {
  return node.kind === 'seed' || node.config.materialized !== 'incremental'
    ? undefined
    : node.config.timeColumn
}

/**
 * Brings a table that is there to the model's key: its unique constraint, not null, and C order for text. Gives
 * what changed in words, undefined if nothing did.
 *
 * @throws {KxError} KX_KEY_DUPLICATE when rows of the old key share the new one
 */
export async function ensureKey(
  session: Session,
  context: RunContext,
  { node, described }: { node: Model | Seed; described: readonly Described[] },
): Promise<string | undefined> {
  const key = keyOf(node)
  const name = relationName(node, context.naming)
  const constraints = await uniqueConstraints(session, name)
  const isSame = constraints.some(({ columns }) => columns === key.join(','))
  if (isSame || (key.length === 0 && constraints.length === 0)) return undefined
  const inOrder = described.filter(({ name: column, isText }) => isText && key.includes(column))
  const statements = [
    ...constraints.map((constraint) => `drop constraint ${identifier(constraint.name)}`),
    ...inOrder.map(({ name: column, type }) => `alter ${identifier(column)} type ${type} collate "C"`),
    ...key.map((column) => `alter ${identifier(column)} set not null`),
    ...(key.length === 0 ? [] : [`add unique (${key.map((column) => identifier(column)).join(', ')})`]),
  ]
  const act = async () => {
    await session.query(`alter table ${name} ${statements.join(', ')}`)
  }
  try {
    await withViewsRemade(session, context, { name, node, act })
  } catch (error) {
    throw refusedKey(error, { name, node, key })
  }
  return key.length === 0 ? 'no key' : `key ${key.join(', ')}`
}

async function uniqueConstraints(
  session: Session,
  name: string,
): Promise<{ readonly name: string; readonly columns: string }[]> {
  const { rows } = await session.query<{ name: string; columns: string }>(
    `select conname as name, (
        select string_agg(attname, ',' order by n)
        from unnest(conkey) with ordinality as k (attnum, n)
        inner join pg_catalog.pg_attribute as a on a.attrelid = conrelid and a.attnum = k.attnum
    ) as columns
from pg_catalog.pg_constraint
where conrelid = to_regclass($1) and contype = 'u'`,
    [name],
  )
  return rows
}

/** Old rows that the new key cannot hold: kx deletes nothing that no model asked to delete. */
function refusedKey(
  error: unknown,
  { name, node, key }: { name: string; node: Model | Seed; key: readonly string[] },
): unknown {
  if (!(error instanceof SqlError) || (error.sqlstate !== '23505' && error.sqlstate !== '23502')) return error
  const [code, what] =
    error.sqlstate === '23505'
      ? (['KX_KEY_DUPLICATE', `share ${key.join(', ')}: ${error.detail ?? error.message}`] as const)
      : (['KX_KEY_NULL', `have no ${error.column ?? key.join(', ')}`] as const)
  return new KxError(code, `rows that ${name} already holds ${what}`, {
    hint: `Empty it and kx builds every partition again: delete from ${name};`,
    at: { file: node.file },
    cause: error,
  })
}
