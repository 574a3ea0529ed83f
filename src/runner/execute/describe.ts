import type { Session } from '../../warehouse/index.ts'
import type { CompiledSql } from '../sql/index.ts'

/** A column that a model's SQL gives. `type` as format_type prints it. */
export interface Described {
  readonly name: string
  readonly type: string
  readonly isText: boolean
}

const BEFORE = 'create temporary table kx_describe on commit drop as\n'

/** Where the template's own SQL begins in the statement that describe() sends, in characters. */
export function describedBodyAt({ bodyOffset }: CompiledSql): number {
  return BEFORE.length + bodyOffset
}

/** A table's definition takes no parameters, and any time will do. As long as what it replaces: places still hold. */
function withoutParameters({ text }: CompiledSql): string {
  return text.replace(/\$\d+::timestamptz/g, (parameter) => 'now()'.padEnd(parameter.length))
}

/** Asks Postgres what columns a model's SQL gives, without running it, in the caller's transaction. */
export async function describe(session: Session, compiled: CompiledSql): Promise<Described[]> {
  await session.query(`${BEFORE}${withoutParameters(compiled)}\nwith no data`)
  const { rows } = await session.query<{ name: string; type: string; is_text: boolean }>(
    `select attname as name, format_type(atttypid, atttypmod) as type, attcollation <> 0 as is_text
from pg_catalog.pg_attribute
where attrelid = 'pg_temp.kx_describe'::regclass and attnum > 0 and not attisdropped
order by attnum`,
  )
  await session.query('drop table pg_temp.kx_describe')
  return rows.map((row) => ({ name: row.name, type: row.type, isText: row.is_text }))
}
