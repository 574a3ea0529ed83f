import { identifier, KxError } from '../../base/index.ts'
import type { KnownRelation, Session } from '../../warehouse/index.ts'
import type { Model, Seed } from '../model/index.ts'
import type { PlanModel } from '../plan/index.ts'
import { type CompiledSql, relationName } from '../sql/index.ts'
import type { RunContext } from './context.ts'
import { type Described, describe } from './describe.ts'
import type { RelationEvent } from './events.ts'
import { castSql, moveRetyped } from './retyped.ts'
import { ensureKey, keyOf, timeColumnOf } from './table-key.ts'
import { grantsOf, withViewsRemade } from './views.ts'

/** What a schema change needs to know. */
export interface SchemaChange {
  readonly node: Model | Seed
  readonly plan: PlanModel
  readonly have: KnownRelation | undefined
  readonly known: ReadonlyMap<string, KnownRelation>
  readonly described: readonly Described[]
  readonly compiled: CompiledSql
}

/** What the relation has now, and what was done to it. */
export interface Changed {
  readonly columns: KnownRelation['columns']
  readonly action: RelationEvent['action'] | undefined
  readonly detail: string
}

/** Creates a model's table, empty, with its key. */
export async function createTable(
  session: Session,
  { name, node, described }: { name: string; node: Model | Seed; described: readonly Described[] },
): Promise<Changed> {
  const columns = wantedColumns(node, described)
  const key = keyOf(node)
  const lines = columns.map((column) =>
    columnSql(column, key.includes(column.name) || column.name === timeColumnOf(node)),
  )
  if (key.length > 0) lines.push(`unique (${key.map((column) => identifier(column)).join(', ')})`)
  await session.query(`create table ${name} (\n    ${lines.join(',\n    ')}\n)`)
  const time = timeColumnOf(node)
  if (key[0] !== time && time !== undefined)
    await session.query(`create index on ${name} (${identifier(time)})`)
  return { columns: pick(columns), action: 'created', detail: `table with ${columns.length} columns` }
}

/** Brings an existing table to the model's columns, as on_schema_change allows. */
export async function changeTable(
  session: Session,
  context: RunContext,
  change: SchemaChange,
): Promise<Changed> {
  const { node, plan, described } = change
  const name = relationName(node, context.naming)
  const have = await tableColumns(session, name)
  const wanted = await inPostgresWords(session, wantedColumns(node, described), have)
  const added = wanted.filter((column) => !have.some((h) => h.name === column.name))
  const removed = have.filter((column) => !wanted.some((w) => w.name === column.name))
  const retyped = wanted.filter((column) =>
    have.some((h) => h.name === column.name && h.type !== column.type),
  )
  const policy = node.kind === 'seed' ? 'rebuild' : node.config.onSchemaChange
  if (added.length + removed.length + retyped.length === 0)
    return changeKey(session, context, change, { action: undefined, detail: '' })
  const detail = [
    ...added.map((c) => `+ ${c.name} ${c.type}`),
    ...removed.map((c) => `- ${c.name}`),
    ...retyped.map((c) => `~ ${c.name} ${c.type}`),
  ].join(', ')
  const needsRebuild = removed.length + retyped.length > 0
  if (policy === 'fail' || (policy === 'append' && needsRebuild)) {
    throw new KxError('KX_COLUMNS_DIFFER', `the columns of ${name} are not those of the model: ${detail}`, {
      hint: "Set on_schema_change='rebuild' to let kx change the table, or give the model its old columns back.",
      at: { file: node.file },
    })
  }
  const statements = [
    ...added.map((column) => `add column ${columnSql(column, false)}`),
    ...removed.map((column) => `drop column ${identifier(column.name)}`),
    ...retyped.map(
      (column) => `alter column ${identifier(column.name)} type ${column.type} using ${castSql(column)}`,
    ),
  ]
  const alter = async () => {
    if (retyped.length > 0)
      await moveRetyped(session, context, { plan, name, time: timeColumnOf(node), columns: retyped })
    await session.query(`alter table ${name} ${statements.join(', ')}`)
  }
  if (needsRebuild) await withViewsRemade(session, context, { name, node, act: alter })
  else await alter()
  return changeKey(session, context, change, { action: 'altered', detail })
}

/** Gives a table the model's key, and says so beside what was done before. */
async function changeKey(
  session: Session,
  context: RunContext,
  { node, described }: SchemaChange,
  before: Omit<Changed, 'columns'>,
): Promise<Changed> {
  const columns = pick(wantedColumns(node, described))
  const key = await ensureKey(session, context, { node, described })
  if (key === undefined) return { ...before, columns }
  const detail = [before.detail, key].filter((part) => part !== '').join(', ')
  return { columns, action: 'altered', detail }
}

/** Creates a view or puts another text in its place; other columns mean drop and create, children first. */
export async function replaceView(
  session: Session,
  context: RunContext,
  { node, compiled, described, have }: SchemaChange,
  kindThere: 'table' | 'view' | undefined,
): Promise<Changed> {
  const name = relationName(node, context.naming)
  if (kindThere === 'table') {
    throw new KxError(
      'KX_COLUMNS_DIFFER',
      `${node.id} is a table in the warehouse and a view in the project`,
      {
        hint: `Drop the table first: drop table ${name};`,
        at: { file: node.file },
      },
    )
  }
  const columns = described.map(({ name: column, type }) => ({ name: column, type }))
  const isWider =
    have === undefined ||
    have.columns.every((c, i) => columns[i]?.name === c.name && columns[i]?.type === c.type)
  const create = async () => {
    await session.query(`create or replace view ${name} as\n${compiled.text}`)
  }
  if (kindThere === undefined || isWider) await create()
  else {
    await withViewsRemade(session, context, {
      name,
      node,
      act: async () => {
        const grants = await grantsOf(session, name)
        await session.query(`drop view ${name}`)
        await create()
        if (grants !== '') await session.query(grants)
      },
    })
  }
  return { columns, action: kindThere === undefined ? 'created' : 'replaced', detail: 'view' }
}

/** The contract's types where it names a column, the query's otherwise. */
function wantedColumns(node: Model | Seed, described: readonly Described[]): Described[] {
  const contract = node.contract
  if (contract === undefined) return [...described]
  const missing = contract.columns.filter((column) => !described.some((d) => d.name === column.name))
  if (missing.length > 0) {
    throw new KxError(
      'KX_COLUMNS_DIFFER',
      `${node.id} does not give ${missing.map(({ name }) => name).join(', ')}, which its contract promises`,
      { hint: `Select it in the model or remove it from ${contract.file}.`, at: { file: node.file } },
    )
  }
  return described.map((column) => {
    const promised = contract.columns.find(({ name }) => name === column.name)
    return promised === undefined ? column : { ...column, type: promised.type }
  })
}

/** A contract may say timestamptz or int: types are compared as Postgres calls them. */
async function inPostgresWords(
  session: Session,
  wanted: readonly Described[],
  have: KnownRelation['columns'],
): Promise<readonly Described[]> {
  const isSame = wanted.every(({ name, type }) => have.some((h) => h.name === name && h.type === type))
  if (isSame || wanted.length === 0) return wanted
  const list = wanted.map(({ name, type }) => `null::${type} as ${identifier(name)}`)
  return describe(session, { text: `select ${list.join(', ')}`, bounds: [], bodyOffset: 0 })
}

function columnSql({ name, type, isText }: Described, isKey: boolean): string {
  const collation = isText && isKey ? ' collate "C"' : ''
  return `${identifier(name)} ${type}${collation}${isKey ? ' not null' : ''}`
}

async function tableColumns(session: Session, name: string): Promise<{ name: string; type: string }[]> {
  const { rows } = await session.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, atttypmod) as type
from pg_catalog.pg_attribute
where attrelid = to_regclass($1) and attnum > 0 and not attisdropped
order by attnum`,
    [name],
  )
  return rows
}

function pick(columns: readonly Described[]): KnownRelation['columns'] {
  return columns.map(({ name, type }) => ({ name, type }))
}
