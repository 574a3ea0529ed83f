import { KxError, parseTimeRange } from '../../base/index.ts'
import { diffRelations, isDifferent, type RelationDifference } from '../../runner/check/index.ts'
import { openWarehouse } from '../../warehouse/index.ts'
import { type Io, paint } from '../shared/io.ts'
import { modelId } from '../shared/model-id.ts'
import {
  type GlobalOptions,
  openWarehouseOf,
  openWorkspace,
  targetOf,
  wholeNumber,
} from '../shared/workspace.ts'
import { differenceJson, differenceLines } from './difference-lines.ts'

/** Options of `kx diff`. */
export interface DiffOptions extends GlobalOptions {
  readonly against?: string
  readonly partition?: string
  readonly limitRows?: string
}

/** `kx diff MODEL --against TARGET`: compares a model's rows in two targets. Exit 1 when they differ. */
export async function diffCommand(io: Io, model: string, options: DiffOptions): Promise<number> {
  const { against, partition } = options
  if (against === undefined) {
    throw new KxError('KX_USAGE', 'diff needs a target to compare with', { hint: 'Add --against prod.' })
  }
  const workspace = await openWorkspace(io, options)
  const node = workspace.graph.nodes.get(modelId(workspace.graph.nodes.keys(), model))
  if (node === undefined || node.kind === 'test') {
    throw new KxError('KX_REF_UNKNOWN', `'${model}' names no model`, { hint: 'Run kx ls to see the names.' })
  }
  const range = partition === undefined ? undefined : parseTimeRange(partition)
  const limitRows = wholeNumber('--limit-rows', options.limitRows) ?? 5
  const target = targetOf(workspace.project, io, { target: against })
  await using here = await openWarehouseOf(workspace, io, { command: 'diff', threads: 1 })
  await using there = await openWarehouse(target, {
    poolSize: 1,
    applicationName: 'kx diff',
    env: io.env,
  })
  const difference = await diffRelations(here.warehouse, there, { node, range, limitRows })
  const isSame =
    !isDifferent(difference) && difference.columnsOnlyHere.length + difference.columnsOnlyThere.length === 0
  if (io.logFormat === 'json') {
    const { columns, columnsOnlyHere, columnsOnlyThere } = difference
    const only = { columns_only_left: columnsOnlyHere, columns_only_right: columnsOnlyThere }
    io.out(
      JSON.stringify({
        type: 'diff',
        model: node.id,
        against,
        ...only,
        ...differenceJson(difference, columns),
      }),
    )
  } else printDifference(io, difference, { id: node.id, against, isSame })
  return isSame ? 0 : 1
}

function printDifference(
  io: Io,
  difference: RelationDifference,
  { id, against, isSame }: { id: string; against: string; isSame: boolean },
): void {
  const { columns, columnsOnlyHere, columnsOnlyThere } = difference
  const sides = { left: 'here', right: `in ${against}` }
  const [counts, ...rest] = differenceLines(difference, { columns, sides })
  io.out(`${paint(io, isSame ? 'green' : 'red', isSame ? 'same' : 'different')}  ${id}  ${counts}`)
  if (columnsOnlyHere.length > 0) io.out(`columns only here: ${columnsOnlyHere.join(', ')}`)
  if (columnsOnlyThere.length > 0) io.out(`columns only in ${against}: ${columnsOnlyThere.join(', ')}`)
  for (const line of rest) io.out(line)
}
