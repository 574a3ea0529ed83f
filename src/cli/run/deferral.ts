import { isDeepStrictEqual } from 'node:util'
import { KxError } from '../../base/index.ts'
import type { Deferred } from '../../runner/index.ts'
import { readRelations } from '../../warehouse/index.ts'
import { type OpenWorkspace, targetOf } from '../shared/workspace.ts'

/**
 * The models that --defer reads in another target: those that are neither built by this command nor here
 * already.
 *
 * @throws {KxError} KX_TARGET_UNKNOWN, or KX_USAGE when the other target is in another database
 */
export async function deferralOf(
  { warehouse, graph, project, target }: OpenWorkspace,
  { defer, selected }: { defer: string | undefined; selected: ReadonlySet<string> },
): Promise<Deferred | undefined> {
  if (defer === undefined) return undefined
  const other = targetOf(project, { env: {} }, { target: defer })
  if (other.engine !== target.engine || !isDeepStrictEqual(other.connection, target.connection)) {
    throw new KxError('KX_USAGE', `--defer ${defer}: that target is in another database`, {
      hint: 'Name a target with the same connection and another schema_prefix.',
    })
  }
  if (other.schemaPrefix === target.schemaPrefix) return undefined
  const here = await readRelations(warehouse, target)
  const ids = [...graph.nodes.values()].filter(
    ({ id, kind }) => (kind === 'model' || kind === 'seed') && !selected.has(id) && !here.get(id)?.isThere,
  )
  return { ids: new Set(ids.map(({ id }) => id)), schemaPrefix: other.schemaPrefix }
}
