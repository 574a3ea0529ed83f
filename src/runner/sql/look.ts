import { type Grain, identifier, literal } from '../../base/index.ts'
import type { Edge } from '../model/index.ts'
import { type Bound, edgeBounds, type Naming, prefixOf } from './compile.ts'
import { type CountedTable, countSql } from './count.ts'

/** An input as the look statement needs it. */
export interface LookEdge {
  readonly edge: Edge
  readonly from: 'model' | 'source' | 'range' | 'previous' | 'none'
  readonly parent: string
  readonly parentGrain: Grain | undefined
}

/** A source whose rows are counted, to notice what left it unannounced. */
export interface CountedSource {
  readonly edgeIndex: number
  readonly table: CountedTable
}

/**
 * One row of a look. `edge` is -1 for the model itself (`flag`: partial), -2 if the table has rows there, i for
 * input i (`flag`: pruned), 1000 + i for the rows that source i really has.
 */
export interface LookRow {
  readonly edge: number
  readonly at_ms: number
  readonly to_ms: number | null
  readonly version: number | null
  readonly rows: number | null
  readonly code_hash: number | null
  readonly inputs: string | null
  readonly flag: boolean | null
}

export const COUNTED = 1000

/**
 * The statement that a step asks first, inside its snapshot: what the table holds, what version each input has
 * in its window, and how many rows its sources really have.
 */
export function lookSql(
  { id, grain, edges }: { id: string; grain: Grain | undefined; edges: readonly LookEdge[] },
  naming: Naming,
  counted: readonly CountedSource[],
  table: { readonly name: string; readonly timeColumn: string | undefined } | undefined,
): { text: string; bounds: readonly Bound[] } {
  const bounds: Bound[] = []
  const at = (bound: Bound) => {
    bounds.push(bound)
    return `$${bounds.length}::timestamptz`
  }
  const own: [Bound, Bound] = edgeBounds({ kind: 'ref', parent: id, window: 'own' })
  const ledger = identifier(`${naming.schemaPrefix}kx`)
  const sources = identifier(`${naming.sourcePrefix}kx`)
  const branches = [
    `select -1 as edge, ${MS('partition_start')} as at_ms, null::float8 as to_ms, version, rows, code_hash, inputs, status = 'partial' as flag
from ${ledger}.partition
where model = ${literal(id)} and status is not null${grain === undefined ? '' : ` and partition_start >= ${at(own[0])} and partition_start < ${at(own[1])}`}`,
  ]
  edges.forEach(({ edge, from, parent, parentGrain }, i) => {
    if (from === 'none' || edge.window === 'none') return
    const isWhole = grain === undefined || parentGrain === undefined
    const [lower, upper] = edgeBounds(edge).map((b) =>
      parentGrain === 'day' ? { ...b, isDayAligned: true } : b,
    ) as [Bound, Bound]
    const between = (column: string) =>
      isWhole ? '' : ` and ${column} >= ${at(lower)} and ${column} < ${at(upper)}`
    if (from === 'source') {
      branches.push(`select ${i}, ${MS('hour')}, null, version, rows, null, null, is_pruned
from ${sources}.source_partition
where relation = ${literal(parent)}${between('hour')}`)
    } else if (from === 'range') {
      const touches = grain === undefined ? '' : ` and valid_from < ${at(upper)} and valid_to > ${at(lower)}`
      branches.push(`select ${i}, ${MS('valid_from')}, ${MS('valid_to')}, version, null, null, null, false
from ${sources}.source_range
where relation = ${literal(parent)}${touches}`)
    } else {
      branches.push(`select ${i}, ${MS('partition_start')}, null, version, null, null, null, false
from ${identifier(`${prefixOf(parent, naming)}kx`)}.partition
where model = ${literal(parent)} and status is not null${between('partition_start')}`)
    }
  })
  if (table !== undefined) {
    const column = table.timeColumn === undefined ? undefined : identifier(table.timeColumn)
    const within =
      column === undefined || grain === undefined
        ? ''
        : ` where ${column} >= ${at(own[0])} and ${column} < ${at(own[1])}`
    branches.push(`select -2, 0, null, null, null, null, null, false
where exists (select from ${table.name}${within})`)
  }
  for (const { edgeIndex, table: source } of counted) {
    const edge = edges[edgeIndex]?.edge
    if (edge === undefined) continue
    const [lower, upper] = edgeBounds(edge).map(at) as [string, string]
    branches.push(`select ${COUNTED + edgeIndex}, ${MS('kx_at')}, null, null, rows, null, null, false
from (
    ${countSql(source, { lower, upper })}
) as kx_hours`)
  }
  return { text: branches.join('\nunion all\n'), bounds }
}

const MS = (column: string) => `date_part('epoch', ${column}) * 1000`
