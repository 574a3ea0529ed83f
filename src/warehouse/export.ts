import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createGzip } from 'node:zlib'
import { identifier, KxError, literal } from '../base/index.ts'
import type { Session } from './session.ts'
import { ledgerSchema, sourceLedgerSchema, type Target, type Warehouse } from './warehouse.ts'

/** One table of an export; `manifest.json` lists them. */
export interface ExportedTable {
  readonly schema: string
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: string; readonly isNullable: boolean }[]
  readonly rows: number
  /** Relative to the export's directory. */
  readonly file: string
  /** Of the CSV before it is compressed. */
  readonly sha256: string
}

/**
 * Writes every table of kx's schemas as `SCHEMA.TABLE.csv.gz` into a new or empty directory, as of one moment,
 * yielding each when it is written. `manifest.json` comes last: where it is, the export is whole.
 *
 * @throws {KxError} KX_USAGE if the directory holds something
 */
export async function* exportWarehouse(
  warehouse: Warehouse,
  directory: string,
): AsyncGenerator<ExportedTable> {
  await mkdir(directory, { recursive: true })
  if ((await readdir(directory)).length > 0) {
    throw new KxError('KX_USAGE', `${directory} is not empty`, { hint: 'Name a new directory.' })
  }
  await using session = await warehouse.session()
  await session.query('begin isolation level repeatable read read only')
  const tables: ExportedTable[] = []
  for (const table of await readTables(session, warehouse.target)) {
    const exported = await exportTable(session, table, directory)
    tables.push(exported)
    yield exported
  }
  const { rows } = await session.query<{ at: string }>('select now() as at')
  await session.query('commit')
  const manifest = {
    format: 'csv with header, null is empty, text is quoted, times in UTC',
    serverMajor: warehouse.serverMajor,
    exportedAt: rows[0]?.at,
    tables,
  }
  await writeFile(join(directory, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

type Table = Pick<ExportedTable, 'schema' | 'name' | 'columns'>

async function readTables(session: Session, target: Target): Promise<Table[]> {
  const { rows } = await session.query<{ schema: string; name: string; columns: string }>(
    `select n.nspname as schema, c.relname as name, (
        select json_agg(json_build_object(
            'name', a.attname,
            'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
            'isNullable', not a.attnotnull
        ) order by a.attnum)
        from pg_catalog.pg_attribute as a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ) as columns
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
        and ${await isOurs(session, target)}
    order by n.nspname, c.relname`,
  )
  return rows.map(({ columns, ...table }) => ({ ...table, columns: JSON.parse(columns) }))
}

/** An embedded warehouse is kx's alone; on a server the ledger says which schemas are. */
async function isOurs(session: Session, target: Target): Promise<string> {
  if (target.engine === 'embedded') return `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`
  const ledger = ledgerSchema(target)
  const schemas = new Set([
    ledger,
    `${ledger}_audit`,
    sourceLedgerSchema(target),
    `${target.sourcePrefix}bronze`,
  ])
  const relation = `${identifier(ledger)}.relation`
  const { rows: found } = await session.query<{ is_there: boolean }>(
    `select to_regclass(${literal(relation)}) is not null as is_there`,
  )
  if (found[0]?.is_there) {
    const { rows } = await session.query<{ name: string }>(
      `select distinct schema_name as name from ${relation}`,
    )
    for (const { name } of rows) schemas.add(name)
  }
  return `n.nspname in (${[...schemas].map(literal).join(', ')})`
}

async function exportTable(session: Session, table: Table, directory: string): Promise<ExportedTable> {
  const { schema, name, columns } = table
  const relation = identifier(schema, name)
  const file = `${schema}.${name}.csv.gz`
  const hash = createHash('sha256')
  const hashing = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  await pipeline(
    session.copyOut(`copy (select * from ${relation}) to stdout (format csv, header, force_quote *)`),
    hashing,
    createGzip({ level: constants.Z_BEST_SPEED }),
    createWriteStream(join(directory, file), { flags: 'wx' }),
  )
  const { rows } = await session.query<{ n: number }>(`select count(*) as n from ${relation}`)
  return { schema, name, columns, rows: rows[0]?.n ?? 0, file, sha256: hash.digest('hex') }
}
