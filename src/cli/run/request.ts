import { KxError, parseTimeRange, type TimeRange } from '../../base/index.ts'
import type { Graph, PartitionState, PlanRequest } from '../../runner/index.ts'

/** Options of run and plan that say what is to be built. */
export interface RequestOptions {
  readonly select?: string[]
  readonly exclude?: string[]
  readonly partition?: string
  readonly from?: string
  readonly to?: string
  readonly fullRefresh?: boolean
  readonly allowPartial?: boolean
  readonly force?: boolean
  readonly yes?: boolean
  readonly strict?: boolean
}

const STATES: readonly PartitionState[] = ['stale', 'missing', 'failed', 'partial']

/**
 * What the options ask for.
 *
 * @throws {KxError} KX_PARTITION_INVALID, KX_USAGE, KX_CONFIRM
 */
export function requestOf(
  options: RequestOptions & { vars?: string },
  selected: ReadonlySet<string>,
): PlanRequest {
  const { partition, fullRefresh = false, force = false, yes = false } = options
  const state = STATES.find((name) => name === partition)
  const within = rangeBetween(options.from, options.to)
  if (options.vars !== undefined && partition === undefined && !fullRefresh) {
    throw new KxError('KX_USAGE', '--vars changes what models give, for hours nobody named', {
      hint: 'Add --partition HOUR or --full-refresh, or set the var in project.yml.',
    })
  }
  if (force && !yes) {
    throw new KxError('KX_CONFIRM', '--force rebuilds hours whose inputs were pruned, from what is left', {
      hint: 'Add --yes if that is what you want.',
    })
  }
  return {
    selected,
    range: partition === undefined || state !== undefined ? undefined : parseTimeRange(partition),
    states: state === undefined ? undefined : [state],
    within,
    isFullRefresh: fullRefresh,
    isForced: force,
    // Selecting a model is a word for its new code, not for rebuilding it whole.
    isConfirmed: yes || (!fullRefresh && (options.select?.length ?? 0) > 0),
  }
}

/**
 * Refuses to rebuild protected models whole without a word.
 *
 * @throws {KxError} KX_CONFIRM
 */
export function checkProtected(
  { nodes }: Graph,
  selected: ReadonlySet<string>,
  { isFullRefresh, isConfirmed }: PlanRequest,
): void {
  if (!isFullRefresh || isConfirmed) return
  const guarded = [...selected].filter((id) => {
    const node = nodes.get(id)
    return node?.kind === 'model' && node.config.isProtected
  })
  if (guarded.length === 0) return
  throw new KxError(
    'KX_CONFIRM',
    `--full-refresh rebuilds every partition of ${guarded.join(', ')}, protected`,
    { hint: 'Add --yes if that is what you want, or leave it out with --exclude.' },
  )
}

/**
 * `--from` and `--to` as one range, either end open; both ends are included.
 *
 * @throws {KxError} KX_PARTITION_INVALID
 */
export function rangeBetween(from: string | undefined, to: string | undefined): TimeRange | undefined {
  if (from === undefined && to === undefined) return undefined
  const startMs = from === undefined ? Number.NEGATIVE_INFINITY : parseTimeRange(from).startMs
  const endMs = to === undefined ? Number.POSITIVE_INFINITY : parseTimeRange(to).endMs
  if (startMs < endMs) return { startMs, endMs }
  throw new KxError('KX_PARTITION_INVALID', `--from '${from}' is after --to '${to}'`, {
    hint: 'Put the earlier hour first.',
  })
}
