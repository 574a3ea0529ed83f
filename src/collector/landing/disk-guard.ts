import { hourEndOf } from './hour-end.ts'

/** How full a disk is, bytes. */
export interface DiskSpace {
  readonly freeBytes: number
  readonly totalBytes: number
}

/** What was decided so far. */
export interface DiskState {
  /** The operator was alarmed. */
  readonly isLow: boolean
  readonly areTicksStopped: boolean
  readonly areCandlesStopped: boolean
}

/** Before the first look. */
export const ROOMY_DISK: DiskState = { isLow: false, areTicksStopped: false, areCandlesStopped: false }

export type DiskAction =
  | 'alarm'
  | 'delete-parts'
  | 'stop-ticks'
  | 'stop-candles'
  | 'resume-candles'
  | 'resume-ticks'
  | 'all-clear'

/** What to do now, in this order. */
export interface DiskAdvice {
  readonly state: DiskState
  readonly actions: readonly DiskAction[]
  /** How much `delete-parts` is to free, as far as there is that much. */
  readonly deleteBytes: number
}

const GIB = 1 << 30

/**
 * The limits of a disk, bytes: alarm, deletion and the end of ticks below `low`, the end of candles below `stop`. A
 * disk so small that 2 GiB would be most of it has limits to its measure: 1/4 and 1/16.
 */
export function diskLimits(totalBytes: number): { readonly low: number; readonly stop: number } {
  return {
    low: Math.max(totalBytes * 0.05, Math.min(2 * GIB, totalBytes / 4)),
    stop: Math.min(GIB / 2, totalBytes / 16),
  }
}

/**
 * Below 2 GiB or 5 % of free space: alarm, then delete parts that exist elsewhere, then stop ticks; below 512 MiB stop
 * candles too. What was stopped comes back at twice its limit. Feeds are stopped only when nothing is left to delete.
 */
export function diskAdvice(look: DiskSpace & DiskLook): DiskAdvice {
  const { freeBytes, totalBytes, deletableBytes, state } = look
  const { low, stop } = diskLimits(totalBytes)
  const stays = (was: boolean, limit: number) => freeBytes < (was ? 2 * limit : limit)
  const canDelete = deletableBytes > 0
  const next = {
    isLow: stays(state.isLow, low),
    areTicksStopped: stays(state.areTicksStopped, low) && (state.areTicksStopped || !canDelete),
    areCandlesStopped: stays(state.areCandlesStopped, stop) && (state.areCandlesStopped || !canDelete),
  }
  const isDeleting = next.isLow && canDelete
  return {
    state: next,
    actions: actionsBetween(state, next, isDeleting),
    deleteBytes: isDeleting ? Math.min(deletableBytes, 2 * low - freeBytes) : 0,
  }
}

/** What the advice depends on beside the disk. */
export interface DiskLook {
  /** Of `deletableParts`. */
  readonly deletableBytes: number
  readonly state: DiskState
}

function actionsBetween(before: DiskState, after: DiskState, isDeleting: boolean): DiskAction[] {
  const actions: readonly (readonly [DiskAction, boolean])[] = [
    ['alarm', after.isLow && !before.isLow],
    ['delete-parts', isDeleting],
    ['stop-ticks', after.areTicksStopped && !before.areTicksStopped],
    ['stop-candles', after.areCandlesStopped && !before.areCandlesStopped],
    ['resume-candles', before.areCandlesStopped && !after.areCandlesStopped],
    ['resume-ticks', before.areTicksStopped && !after.areTicksStopped],
    ['all-clear', before.isLow && !after.isLow],
  ]
  return actions.filter(([, isWanted]) => isWanted).map(([action]) => action)
}

/** A part, and where else its lines are. */
export interface KeptPart {
  readonly path: string
  readonly bytes: number
  readonly isSealed: boolean
  readonly isUploaded: boolean
  /** To its end. Of dead letters never: they wait for a replay. */
  readonly isLoaded: boolean
}

/** Who else keeps the lines, and how long they are to stay in any case. */
export interface Retention {
  readonly hasStore: boolean
  /** After the hour's end; undefined: not said. */
  readonly retainMs: number | undefined
  readonly nowMs: number
}

/**
 * Parts that may be deleted when space calls for it, oldest hour first: sealed, loaded, and uploaded. With no store
 * they are the only copy: then only what is older than an explicit `retainMs`.
 */
export function deletableParts<Part extends KeptPart>(
  parts: readonly Part[],
  { hasStore, retainMs, nowMs }: Retention,
): Part[] {
  const isElsewhere = (part: Part) =>
    hasStore ? part.isUploaded : retainMs !== undefined && endOf(part) + retainMs <= nowMs
  return parts
    .filter((part) => part.isSealed && part.isLoaded && isElsewhere(part))
    .sort((a, b) => endOf(a) - endOf(b) || (a.path < b.path ? -1 : 1))
}

/** Those of `deletableParts` that are older than `retainMs`: they go without any pressure. None where it is not said. */
export function expiredParts<Part extends KeptPart>(parts: readonly Part[], retention: Retention): Part[] {
  const { retainMs, nowMs } = retention
  if (retainMs === undefined) return []
  return deletableParts(parts, retention).filter((part) => endOf(part) + retainMs <= nowMs)
}

function endOf({ path }: KeptPart): number {
  return hourEndOf(path) ?? Number.POSITIVE_INFINITY
}
