import { commonRanges, joinRanges, type MinuteRange, subtractRanges } from './minute-ranges.ts'
import { againAfterMs, MOST_WAITS } from './retry.ts'

/** Minutes without a final row that were asked for equally often, and when they are asked for again. */
export interface OpenPiece extends MinuteRange {
  readonly asked: number
  /** By a clock that never goes back, ms; undefined: no more, only reported. */
  readonly dueMs: number | undefined
}

/** Open minutes of one instrument, sorted, apart from each other. */
export type OpenMinutes = readonly OpenPiece[]

/** With minutes that are due at once; those that are open already stay as they are. */
export function withOpen(open: OpenMinutes, ranges: readonly MinuteRange[], nowMs: number): OpenMinutes {
  const fresh = subtractRanges(joinRanges(ranges), open)
  return sorted([...open, ...fresh.map((range) => ({ ...range, asked: 0, dueMs: nowMs }))])
}

/** Without minutes that are final now; `ranges` is a list. */
export function withoutFinal(open: OpenMinutes, ranges: readonly MinuteRange[]): OpenMinutes {
  return open.flatMap((piece) => subtractRanges([piece], ranges).map((range) => ({ ...piece, ...range })))
}

/** After an answer that was about `ranges` and left them open: they wait longer, or for good. */
export function withAnswered(open: OpenMinutes, ranges: readonly MinuteRange[], nowMs: number): OpenMinutes {
  return withAsked(open, ranges, { nowMs, mostAsked: Number.POSITIVE_INFINITY })
}

/** After an answer about `ranges` that nobody understood: they wait longer, but never for good. */
export function withUnread(open: OpenMinutes, ranges: readonly MinuteRange[], nowMs: number): OpenMinutes {
  return withAsked(open, ranges, { nowMs, mostAsked: MOST_WAITS })
}

function withAsked(
  open: OpenMinutes,
  ranges: readonly MinuteRange[],
  { nowMs, mostAsked }: { readonly nowMs: number; readonly mostAsked: number },
): OpenMinutes {
  return sorted(
    open.flatMap((piece) => {
      const asked = Math.min(piece.asked + 1, mostAsked)
      const waitMs = againAfterMs(asked)
      const later = { asked, dueMs: waitMs === undefined ? undefined : nowMs + waitMs }
      return [
        ...subtractRanges([piece], ranges).map((range) => ({ ...piece, ...range })),
        ...commonRanges([piece], ranges).map((range) => ({ ...range, ...later })),
      ]
    }),
  )
}

/** Without hope: `ranges`, a list, stay open and are not asked for again. */
export function withGivenUp(open: OpenMinutes, ranges: readonly MinuteRange[]): OpenMinutes {
  const kept = withoutFinal(open, ranges)
  const lost = open.flatMap((piece) =>
    commonRanges([piece], ranges).map((range) => ({ ...range, asked: piece.asked, dueMs: undefined })),
  )
  return sorted([...kept, ...lost])
}

/** Minutes to ask for now, as a list. */
export function dueMinutes(open: OpenMinutes, nowMs: number): MinuteRange[] {
  return joinRanges(open.filter(({ dueMs }) => dueMs !== undefined && dueMs <= nowMs)).map(
    ({ fromMs, toMs }) => ({ fromMs, toMs }),
  )
}

/** Pieces that touch and are alike become one. */
function sorted(pieces: readonly OpenPiece[]): OpenMinutes {
  const joined: OpenPiece[] = []
  for (const piece of [...pieces].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1)
    const isMore = last?.toMs === piece.fromMs && last.asked === piece.asked && last.dueMs === piece.dueMs
    if (last && isMore) joined[joined.length - 1] = { ...last, toMs: piece.toMs }
    else joined.push(piece)
  }
  return joined
}
