import type { Session } from '../../warehouse/index.ts'
import { type CompiledSql, literalSql } from '../sql/index.ts'

/** A column that a model's SQL gives. `type` as format_type prints it. */
export interface Described {
  readonly name: string
  readonly type: string
  readonly isText: boolean
}

/** Any hour will do: only the columns are asked for. */
const SOME_HOUR = { startMs: 946_684_800_000, endMs: 946_688_400_000 }

const BEFORE = 'create temporary table kx_describe on commit drop as\n'

/** Where the template's own SQL begins in the statement that describe() sends, in characters. */
export function describedBodyAt(compiled: CompiledSql): number {
  const head = { ...compiled, text: compiled.text.slice(0, compiled.bodyOffset) }
  return BEFORE.length + literalSql(head, SOME_HOUR).length
}

/** Asks Postgres what columns a model's SQL gives, without running it, in the caller's transaction. */
export async function describe(session: Session, compiled: CompiledSql): Promise<Described[]> {
  await session.query(`${BEFORE}${literalSql(compiled, SOME_HOUR)}\nwith no data`)
  const { rows } = await session.query<{ name: string; type: string; is_text: boolean }>(
    `select attname as name, format_type(atttypid, atttypmod) as type, attcollation <> 0 as is_text
from pg_catalog.pg_attribute
where attrelid = 'pg_temp.kx_describe'::regclass and attnum > 0 and not attisdropped
order by attnum`,
  )
  await session.query('drop table pg_temp.kx_describe')
  return rows.map((row) => ({ name: row.name, type: row.type, isText: row.is_text }))
}
