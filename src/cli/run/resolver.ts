import { KxError } from '../../base/index.ts'
import { type Naming, type Resolve, relationOf } from '../../runner/index.ts'
import { readRelations } from '../../warehouse/index.ts'
import type { OpenWorkspace } from '../shared/workspace.ts'

/**
 * Finds the relation behind each input: in this target, or, for models that are not built here, in the target
 * that --defer names.
 */
export async function resolverFor(open: OpenWorkspace, defer: string | undefined): Promise<Resolve> {
  const { graph, target } = open
  const naming: Naming = target
  const other = defer === undefined ? undefined : namingOf(open, defer)
  const built = other === undefined ? undefined : await readRelations(open.warehouse, open.target)
  return (edge) => {
    const node = graph.nodes.get(edge.parent)
    if (node === undefined || node.kind === 'test') {
      throw new KxError('KX_REF_UNKNOWN', `'${edge.parent}' is not in the project`)
    }
    const isDeferred = other !== undefined && node.kind !== 'source' && !built?.has(node.id)
    return relationOf(node, isDeferred ? other : naming)
  }
}

function namingOf({ project }: OpenWorkspace, name: string): Naming {
  const target = project.targets.find((one) => one.name === name)
  if (target !== undefined) return target
  throw new KxError('KX_TARGET_UNKNOWN', `--defer names no target: '${name}'`, {
    hint: `Choose one of: ${project.targets.map((one) => one.name).join(', ')}.`,
  })
}
