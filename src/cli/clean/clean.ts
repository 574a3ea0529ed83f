import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { identifier, KxError } from '../../base/index.ts'
import { renamesOf } from '../../runner/index.ts'
import {
  forgetRelation,
  type KnownRelation,
  readRelations,
  SqlError,
  type Warehouse,
} from '../../warehouse/index.ts'
import type { Io } from '../shared/io.ts'
import { type GlobalOptions, openWarehouseOf, openWorkspace } from '../shared/workspace.ts'

/** Options of `kx clean`. */
export interface CleanOptions extends GlobalOptions {
  readonly relations?: boolean
  readonly yes?: boolean
}

/** `kx clean`: drops the project's cache; with --relations --yes the tables of models that are gone. */
export async function cleanCommand(io: Io, options: CleanOptions): Promise<number> {
  const workspace = await openWorkspace(io, options)
  rmSync(join(workspace.project.directory, '.kx', 'cache'), { recursive: true, force: true })
  if (!options.relations) return 0
  await using open = await openWarehouseOf(workspace, io, { command: 'clean', threads: 1 })
  const relations = await readRelations(open.warehouse, open.target)
  const renamed = new Set(renamesOf(open.graph).values())
  const orphans = [...relations.values()].filter(
    ({ model }) => !open.graph.nodes.has(model) && !renamed.has(model),
  )
  if (orphans.length === 0) {
    io.out('no relation is orphaned')
    return 0
  }
  if (!options.yes) {
    const names = orphans.map(({ schema, name }) => `${schema}.${name}`).join(', ')
    throw new KxError('KX_CONFIRM', `this would drop ${names} and all their rows`, {
      hint: 'Add --yes to drop them.',
    })
  }
  await dropAll(io, open.warehouse, orphans)
  return 0
}

/** Drops relations, those that others still read after these. */
async function dropAll(io: Io, warehouse: Warehouse, relations: readonly KnownRelation[]): Promise<void> {
  const read: KnownRelation[] = []
  let failure: unknown
  for (const relation of relations) {
    try {
      await drop(warehouse, relation)
      io.out(`dropped ${relation.kind} ${relation.schema}.${relation.name}`)
    } catch (error) {
      if (!(error instanceof SqlError) || error.sqlstate !== '2BP01') throw error
      read.push(relation)
      failure ??= blocked(relation, error)
    }
  }
  if (read.length === relations.length && failure !== undefined) throw failure
  if (read.length > 0) await dropAll(io, warehouse, read)
}

async function drop(
  warehouse: Warehouse,
  { model, kind, schema, name, isThere }: KnownRelation,
): Promise<void> {
  await using session = await warehouse.session()
  await session.query('begin')
  if (isThere) await session.query(`drop ${kind} ${identifier(schema, name)}`)
  await forgetRelation(session, warehouse.target, model)
  await session.query('commit')
}

function blocked({ kind, schema, name }: KnownRelation, { detail, message }: SqlError): KxError {
  return new KxError(
    'KX_RELATION_BLOCKED',
    `${kind} ${schema}.${name} cannot be dropped: ${detail ?? message}`,
    {
      hint: 'Drop what reads it first, or move it to another table.',
    },
  )
}
