import type { TimeRange } from '../../base/index.ts'
import { relationName } from '../../runner/index.ts'
import { readChanges, readLoadedFrom } from '../../warehouse/index.ts'
import { plural } from '../shared/format.ts'
import type { OpenWorkspace } from '../shared/workspace.ts'
import type { WhyLine } from './why-line.ts'

/** The last moves of a source over a range, with the file and line that each load read. */
export async function sourceLines(
  open: OpenWorkspace,
  relation: string,
  range: TimeRange,
  depth: number,
): Promise<WhyLine[]> {
  const { warehouse, graph, target } = open
  const changes = await readChanges(warehouse, {
    relation,
    fromMs: range.startMs,
    toMs: range.endMs,
    side: 'source',
    limit: 3,
  })
  const node = graph.nodes.get(relation)
  const timeColumn = node?.kind === 'source' ? node.contract.timeColumn : undefined
  const lines: WhyLine[] = []
  for (const change of changes) {
    const hour = change.hour.slice(0, 13).replace(' ', 'T')
    const loadedAt = `${change.changedAt.slice(0, 19).replace(' ', 'T')}Z`
    lines.push({
      depth,
      text: `${relation} ${hour}  ${plural(change.rows, 'row')} by load ${change.loadId ?? '—'} at ${loadedAt}`,
      told: {
        ...{ about: 'load', source: relation, range: hour, rows: change.rows },
        ...{ load: change.loadId === null ? null : String(change.loadId), loadedAt },
      },
    })
    if (change.loadId === null || timeColumn === undefined || node?.kind !== 'source') continue
    const startMs = Date.parse(`${hour}:00:00Z`)
    const files = await readLoadedFrom(warehouse, {
      table: relationName(node, target),
      timeColumn,
      loadId: change.loadId,
      startMs,
      endMs: startMs + 3_600_000,
    })
    for (const { file, line, rows } of files) {
      lines.push({
        depth: depth + 1,
        text: `${file}${line === null ? '' : `:${line}`}  ${plural(rows, 'row')}`,
        told: { about: 'file', file, line, rows },
      })
    }
  }
  return lines
}
