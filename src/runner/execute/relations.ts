import { hashText, identifier, KxError } from '../../base/index.ts'
import {
  forgetOtherGrains,
  forgetPartitions,
  type KnownRelation,
  lockSchema,
  readRelations,
  recordCode,
  recordRelation,
  type Session,
} from '../../warehouse/index.ts'
import type { Model, Seed } from '../model/index.ts'
import type { PlanModel } from '../plan/index.ts'
import { type CompiledSql, type Relation, type Resolve, relationName } from '../sql/index.ts'
import { columnsRead } from './columns-read.ts'
import type { RunContext } from './context.ts'
import { type Described, describe, describedBodyAt } from './describe.ts'
import type { RelationEvent } from './events.ts'
import { describeFailure, remedyFor, TRIES } from './failure.ts'
import { compileNode } from './prepare.ts'
import { changeTable, createTable, replaceView } from './schema-change.ts'

/** The columns of each model's relation, as they are after the schema changes of this run. */
export type ColumnsByModel = Map<string, KnownRelation['columns']>

/** A model whose table or view must be there; brought to the model's columns only if it is built. */
export interface WantedRelation {
  readonly plan: PlanModel
  readonly isBuilt: boolean
}

/**
 * Makes the tables and views of `wanted` what their models say, each in a transaction of its own, before the
 * first step. Gives the columns; a model that fails is left out, with an event.
 */
export async function* ensureRelations(
  context: RunContext,
  wanted: readonly WantedRelation[],
): AsyncGenerator<RelationEvent, ColumnsByModel> {
  const known = await readRelations(context.warehouse, context.warehouse.target)
  const columns: ColumnsByModel = new Map()
  for (const { plan, isBuilt } of wanted) {
    if (context.signal.aborted) break
    const node = context.graph.nodes.get(plan.id)
    if (node?.kind !== 'model' && node?.kind !== 'seed') continue
    const have = known.get(plan.id)
    if (have?.isThere && (!isBuilt || have.definitionHash === definitionHash(context, node, plan, known))) {
      columns.set(plan.id, have.columns)
      continue
    }
    const outcome = await ensureRelation(context, node, plan)
    if ('error' in outcome) {
      yield {
        type: 'relation',
        model: plan.id,
        action: 'failed',
        detail: outcome.error.message,
        error: outcome.error,
      }
      continue
    }
    columns.set(plan.id, outcome.columns)
    known.set(plan.id, outcome)
    if (outcome.action !== undefined) {
      yield { type: 'relation', model: plan.id, action: outcome.action, detail: outcome.detail }
    }
  }
  return columns
}

type Ensured = KnownRelation & {
  readonly action: RelationEvent['action'] | undefined
  readonly detail: string
}

interface Wanted {
  readonly node: Model | Seed
  readonly plan: PlanModel
  readonly have: KnownRelation | undefined
  readonly known: ReadonlyMap<string, KnownRelation>
}

/** Once more where a long step of another process, not the change, was the reason. */
async function ensureRelation(
  context: RunContext,
  node: Model | Seed,
  plan: PlanModel,
): Promise<Ensured | { error: KxError }> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryRelation(context, node, plan)
    const isOver = attempt === TRIES || context.signal.aborted
    if (!('error' in outcome) || remedyFor(outcome.error) !== 'again' || isOver) return outcome
  }
}

async function tryRelation(
  context: RunContext,
  node: Model | Seed,
  plan: PlanModel,
): Promise<Ensured | { error: KxError }> {
  await using session = await context.warehouse.session()
  let compiled: CompiledSql | undefined
  try {
    compiled = bodyOf(context, node, plan)
    await session.query("begin; set local lock_timeout = '10s'")
    await lockSchema(session, context.warehouse.target, plan.id)
    // Another process may have made it while this one waited for the lock.
    const known = await readRelations(session, context.warehouse.target)
    const described = await describe(session, compiled)
    const wanted = { node, plan, have: known.get(plan.id), known }
    const outcome = await applyChange(session, context, { ...wanted, described, compiled })
    const relation: KnownRelation = {
      model: plan.id,
      kind: plan.kind === 'view' ? 'view' : 'table',
      schema: schemaOf(context, node),
      name: node.name,
      definitionHash: definitionHash(context, node, plan, known),
      columns: outcome.columns,
      isThere: true,
    }
    await recordRelation(session, context.warehouse.target, relation)
    const { id: model, codeHash, vars } = plan
    await recordCode(session, context.warehouse.target, { model, codeHash, vars })
    if (wanted.have?.isThere === false) await forgetPartitions(session, context.warehouse.target, model)
    else if (wanted.have !== undefined)
      await forgetOtherGrains(session, context.warehouse.target, { model, grain: plan.grain })
    await session.query('commit')
    return { ...relation, action: outcome.action, detail: outcome.detail }
  } catch (error) {
    await session.query('rollback').catch(() => undefined)
    const told = describeFailure(error, {
      context,
      node,
      bodyAt: compiled && describedBodyAt(compiled),
      compiled,
    })
    if (told instanceof KxError && told.code !== 'KX_WAREHOUSE_UNREACHABLE') return { error: told }
    throw told
  }
}

interface Change extends Wanted {
  readonly described: readonly Described[]
  readonly compiled: CompiledSql
}

async function applyChange(
  session: Session,
  context: RunContext,
  change: Change,
): Promise<{
  columns: KnownRelation['columns']
  action: RelationEvent['action'] | undefined
  detail: string
}> {
  const { node, plan, have, described } = change
  const name = relationName(node, context.naming)
  const kindThere = await kindOf(session, name)
  if (kindThere !== undefined && have === undefined) {
    throw new KxError('KX_RELATION_FOREIGN', `${name} exists and kx did not make it`, {
      hint: `Move it away: alter ${kindThere} ${name} rename to ${identifier(`${node.name}_old`)};`,
      at: { file: node.file },
    })
  }
  await ensureSchema(session, schemaOf(context, node))
  if (plan.kind === 'view') return replaceView(session, context, change, kindThere)
  if (kindThere === 'view') {
    throw new KxError(
      'KX_COLUMNS_DIFFER',
      `${plan.id} is a view in the warehouse and a table in the project`,
      {
        hint: `Drop the view first: drop view ${name};`,
        at: { file: node.file },
      },
    )
  }
  if (kindThere === 'table') return changeTable(session, context, change)
  return createTable(session, { name, node, described })
}

/** `if not exists` alone does not keep two processes from both creating it. */
async function ensureSchema(session: Session, schema: string): Promise<void> {
  const { rows } = await session.query('select from pg_catalog.pg_namespace where nspname = $1', [schema])
  if (rows.length > 0) return
  await session.query(`select pg_advisory_xact_lock(hashtextextended('kx schema ' || $1, 0))`, [schema])
  await session.query(`create schema if not exists ${identifier(schema)}`)
}

async function kindOf(session: Session, name: string): Promise<'table' | 'view' | undefined> {
  const { rows } = await session.query<{ kind: string }>(
    `select relkind::text as kind from pg_catalog.pg_class where oid = to_regclass($1)`,
    [name],
  )
  const kind = rows[0]?.kind
  if (kind === undefined) return undefined
  return kind === 'v' || kind === 'm' ? 'view' : 'table'
}

/** The SQL whose columns are asked for. Before its first build a model's own past has its contract's columns. */
function bodyOf(context: RunContext, node: Model | Seed, plan: PlanModel): CompiledSql {
  const resolve: Resolve = (edge) =>
    edge.kind === 'previous' && node.kind === 'model' ? emptyPast(node) : context.resolve(edge)
  return compileNode({ seedSql: context.seedSql, resolve }, node, plan)
}

function emptyPast(model: Model): Relation {
  const columns = model.contract?.columns ?? []
  if (columns.length === 0) {
    throw new KxError('KX_CONTRACT_INVALID', `${model.id} reads its own past and has no contract`, {
      hint: `List its columns and their types in ${model.file.replace(/\.sql$/, '.yml')}.`,
      at: { file: model.file },
    })
  }
  const list = columns.map(({ name, type }) => `null::${type} as ${identifier(name)}`)
  return { kind: 'table', name: `(select ${list.join(', ')} where false) as kx_past`, timeColumn: undefined }
}

function schemaOf(context: RunContext, node: Model | Seed): string {
  return `${context.naming.schemaPrefix}${node.schema}`
}

/** Of everything that shapes the table: the rows' code, the contract's columns, key and kind, and what is read. */
function definitionHash(
  context: RunContext,
  node: Model | Seed,
  plan: PlanModel,
  known: ReadonlyMap<string, KnownRelation>,
): number {
  const contract = node.contract?.columns.map(({ name, type }) => `${name} ${type}`) ?? []
  const shape =
    node.kind === 'seed'
      ? []
      : [node.config.uniqueKey, node.config.timeColumn, node.config.materialized, node.config.strategy]
  const read = columnsRead(context.graph, node.id, known)
  return hashText(JSON.stringify([plan.codeHash, contract, shape, schemaOf(context, node), read]))
}
