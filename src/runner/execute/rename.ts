import { identifier, KxError } from '../../base/index.ts'
import { lockSchema, readRelations, renameRelation, type Session } from '../../warehouse/index.ts'
import { renamesOf } from '../graph/index.ts'
import type { Model } from '../model/index.ts'
import { relationName } from '../sql/index.ts'
import type { RunContext } from './context.ts'
import type { RelationEvent } from './events.ts'

type RenameContext = Pick<RunContext, 'warehouse' | 'graph' | 'naming'>

/**
 * Carries table and ledger of renamed models over to their new names, before anything is planned: what was
 * built stays built.
 *
 * @throws {KxError} KX_RELATION_FOREIGN when something else bears the new name
 */
export async function* executeRenames(
  context: RenameContext,
  selected: ReadonlySet<string>,
): AsyncGenerator<RelationEvent> {
  const renames = [...renamesOf(context.graph)].filter(([id]) => selected.has(id))
  if (renames.length === 0) return
  const known = await readRelations(context.warehouse, context.warehouse.target)
  for (const [id, oldId] of renames) {
    const node = context.graph.nodes.get(id)
    if (node?.kind !== 'model' || known.has(id) || !known.get(oldId)?.isThere) continue
    if (await carryOver(context, node, oldId))
      yield { type: 'relation', model: id, action: 'renamed', detail: `from ${oldId}` }
  }
}

async function carryOver(context: RenameContext, node: Model, oldId: string): Promise<boolean> {
  const { target } = context.warehouse
  await using session = await context.warehouse.session()
  await session.query("begin; set local lock_timeout = '10s'")
  try {
    for (const id of [oldId, node.id].sort()) await lockSchema(session, target, id)
    // Another process may have done it while this one waited for the locks.
    const known = await readRelations(session, target)
    const old = known.get(oldId)
    const isDue = old?.isThere && !known.has(node.id)
    if (isDue) {
      const schema = `${context.naming.schemaPrefix}${node.schema}`
      await refuseForeign(session, context, node)
      if (old.schema !== schema) await session.query(`create schema if not exists ${identifier(schema)}`)
      for (const statement of renameStatements(old, { schema, name: node.name }))
        await session.query(statement)
      await renameRelation(session, target, { from: oldId, to: { model: node.id, schema, name: node.name } })
    }
    await session.query('commit')
    return isDue ?? false
  } catch (error) {
    await session.query('rollback').catch(() => undefined)
    throw error
  }
}

function renameStatements(
  old: { readonly kind: 'table' | 'view'; readonly schema: string; readonly name: string },
  { schema, name }: { schema: string; name: string },
): string[] {
  const moved = `alter ${old.kind} ${identifier(old.schema, old.name)} set schema ${identifier(schema)}`
  const renamed = `alter ${old.kind} ${identifier(schema, old.name)} rename to ${identifier(name)}`
  return [...(old.schema === schema ? [] : [moved]), ...(old.name === name ? [] : [renamed])]
}

async function refuseForeign(session: Session, { naming }: RenameContext, node: Model): Promise<void> {
  const name = relationName(node, naming)
  const { rows } = await session.query<{ is_there: boolean }>(
    'select to_regclass($1) is not null as is_there',
    [name],
  )
  if (!rows[0]?.is_there) return
  throw new KxError('KX_RELATION_FOREIGN', `${name} exists and kx did not make it`, {
    hint: `Move it away: alter table ${name} rename to ${identifier(`${node.name}_old`)};`,
    at: { file: node.file },
  })
}
