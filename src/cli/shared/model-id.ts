import { KxError, nearest } from '../../base/index.ts'

/**
 * The id of what a user calls by name or id.
 *
 * @throws {KxError} KX_REF_UNKNOWN
 */
export function modelId(ids: Iterable<string>, name: string): string {
  const all = [...ids]
  const found = all.find((id) => id === name || id.endsWith(`.${name}`))
  if (found !== undefined) return found
  const near = nearest(
    name,
    all.map((id) => id.slice(id.indexOf('.') + 1)),
  )
  throw new KxError('KX_REF_UNKNOWN', `'${name}' names no model`, {
    hint: near === undefined ? 'Run kx ls to see the names.' : `Did you mean ${near}?`,
  })
}
