import { identifier, KxError } from '../../base/index.ts'
import { ledgerSchema, type Session, SqlError } from '../../warehouse/index.ts'
import type { Model, Seed } from '../model/index.ts'
import { compileSql } from '../sql/index.ts'
import type { RunContext } from './context.ts'

interface DependentView {
  readonly kind: 'view' | 'materialized view'
  readonly schema: string
  readonly name: string
  readonly definition: string
  /** Null: kx did not make it. */
  readonly model: string | null
  readonly grants: string
  readonly depth: number
}

/**
 * Drops the views that kx built on `name`, children first, lets `act` change it, and creates them again with
 * their grants. A foreign object in the way is an error; nothing is ever dropped with cascade.
 */
export async function withViewsRemade(
  session: Session,
  context: RunContext,
  { name, node, act }: { name: string; node: Model | Seed; act: () => Promise<void> },
): Promise<void> {
  const views = await dependentViews(session, context, name)
  const foreign = views.find((view) => view.model === null)
  if (foreign !== undefined) {
    const by = `${foreign.kind} ${identifier(foreign.schema, foreign.name)}`
    throw blocked(node, { name, by, drop: `drop ${by};` })
  }
  for (const view of [...views].reverse())
    await session.query(`drop view ${identifier(view.schema, view.name)}`)
  try {
    await act()
  } catch (error) {
    if (!(error instanceof SqlError) || error.sqlstate !== '2BP01') throw error
    throw blocked(node, { name, ...objectInTheWay(error.detail ?? '') })
  }
  for (const view of views) {
    await session.query(`create view ${identifier(view.schema, view.name)} as\n${textOf(context, view)}`)
    if (view.grants !== '') await session.query(view.grants)
  }
}

/** The model's own text: Postgres keeps a star as the columns of its day. */
function textOf(context: RunContext, { model, definition }: DependentView): string {
  const node = context.graph.nodes.get(model ?? '')
  if (node?.kind !== 'model') return definition
  return compileSql(node.rendered, context.resolve, { isWhole: true }).text
}

/** Reads Postgres's `function public.f(integer) depends on column c of table t`. */
function objectInTheWay(detail: string): { by: string; drop: string | undefined } {
  const by = /^(.+?) depends on /m.exec(detail)?.[1] ?? 'another object'
  const [, kind, own, table] = /^(constraint|trigger|policy|rule) (.+) on table (.+)$/.exec(by) ?? []
  if (kind === 'constraint') return { by, drop: `alter table ${table} drop constraint ${own};` }
  if (kind !== undefined) return { by, drop: `drop ${kind} ${own} on ${table};` }
  const isPlain = /^(function|procedure|view|materialized view|table|type) /.test(by)
  return { by, drop: isPlain ? `drop ${by};` : undefined }
}

function blocked(
  node: Model | Seed,
  { name, by, drop }: { name: string; by: string; drop: string | undefined },
): KxError {
  return new KxError(
    'KX_RELATION_BLOCKED',
    `${name} cannot change: ${by} stands in the way, and kx did not make it`,
    {
      hint: `Drop it and create it again afterwards${drop === undefined ? '.' : `: ${drop}`}`,
      at: { file: node.file },
    },
  )
}

/** The grants on a view as statements; empty if there are none. */
export async function grantsOf(session: Session, name: string): Promise<string> {
  const { rows } = await session.query<{ grants: string }>(
    `select ${GRANTS} as grants
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
where class.oid = to_regclass($1)`,
    [name],
  )
  return rows[0]?.grants ?? ''
}

const GRANTS = `coalesce((
        select string_agg(format('grant %s on %I.%I to %s%s', acl.privilege_type, namespace.nspname, class.relname,
            case when acl.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end,
            case when acl.is_grantable then ' with grant option' else '' end), '; ')
        from aclexplode(class.relacl) as acl
        where acl.grantee <> class.relowner
    ), '')`

/** Every view on `name`, parents before children, with what is needed to make it again. */
async function dependentViews(session: Session, context: RunContext, name: string): Promise<DependentView[]> {
  const { rows } = await session.query<DependentView>(
    `with recursive dependent (oid, depth) as (
    select to_regclass($1)::oid, 0
    union
    select rewrite.ev_class, dependent.depth + 1
    from dependent
    inner join pg_catalog.pg_depend as depend on depend.refobjid = dependent.oid
        and depend.classid = 'pg_rewrite'::regclass and depend.refclassid = 'pg_class'::regclass
    inner join pg_catalog.pg_rewrite as rewrite on rewrite.oid = depend.objid
    where rewrite.ev_class <> dependent.oid and dependent.depth < 50
)
select case class.relkind when 'm' then 'materialized view' else 'view' end as kind, namespace.nspname as schema, class.relname as name, pg_get_viewdef(class.oid) as definition,
    known.model, max(dependent.depth) as depth,
    ${GRANTS} as grants
from dependent
inner join pg_catalog.pg_class as class on class.oid = dependent.oid
inner join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
left join ${identifier(ledgerSchema(context.warehouse.target))}.relation as known
    on known.schema_name = namespace.nspname and known.relation_name = class.relname and known.kind = 'view'
where dependent.depth > 0
group by namespace.nspname, class.relname, class.oid, class.relacl, class.relowner, known.model
order by depth, schema, name`,
    [name],
  )
  return rows
}
