import { KxError } from '../../base/index.ts'
import { selectNodes } from '../../runner/index.ts'
import type { Io } from '../shared/io.ts'
import { eventLine } from '../shared/json-event.ts'
import { type GlobalOptions, openWorkspace } from '../shared/workspace.ts'

/** Options of `kx ls`. */
export interface LsOptions extends GlobalOptions {
  readonly select?: string[]
  readonly exclude?: string[]
  readonly resourceType?: string
  readonly strict?: boolean
}

const KINDS = ['model', 'seed', 'source', 'test', 'all'] as const

/** `kx ls`: the names that a selection stands for, one a line, parents first. Opens no warehouse. */
export async function lsCommand(io: Io, options: LsOptions): Promise<number> {
  const kind = options.resourceType ?? 'all'
  if (!KINDS.some((known) => known === kind)) {
    throw new KxError('KX_USAGE', `--resource-type ${kind} is not a kind of node`, {
      hint: `Choose one of: ${KINDS.join(', ')}.`,
    })
  }
  const { graph } = await openWorkspace(io, options)
  const { ids, unmatched } = selectNodes(graph, {
    select: options.select ?? [],
    exclude: options.exclude ?? [],
  })
  for (const term of unmatched) io.err(`warning: '${term}' matches nothing in this project`)
  const names: string[] = []
  for (const [id, node] of graph.nodes) {
    if (!ids.has(id) || (kind !== 'all' && node.kind !== kind)) continue
    names.push(io.logFormat === 'json' ? eventLine('node', { id, kind: node.kind, file: node.file }) : id)
  }
  if (names.length > 0) io.out(names.join('\n'))
  if (names.length === 0 && options.strict) {
    throw new KxError('KX_SELECT_EMPTY', 'nothing is selected', {
      hint: 'Run kx ls without --select to see the names.',
    })
  }
  return 0
}
