/** Whole minutes, half-open, ms since the epoch. Lists of them are sorted and apart from each other. */
export interface MinuteRange {
  readonly fromMs: number
  readonly toMs: number
}

export const MINUTE_MS = 60_000

/** The minute that `ms` falls in, by its start. */
export function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS
}

/** Any ranges as one list: sorted, those that touch or overlap made one, empty ones left out. */
export function joinRanges(ranges: readonly MinuteRange[]): MinuteRange[] {
  const joined: MinuteRange[] = []
  for (const range of [...ranges].sort((a, b) => a.fromMs - b.fromMs)) {
    if (range.toMs <= range.fromMs) continue
    const last = joined.at(-1)
    if (last && range.fromMs <= last.toMs) {
      joined[joined.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, range.toMs) }
    } else joined.push(range)
  }
  return joined
}

/** The ranges of single minutes, given by their starts in any order. */
export function rangesOfMinutes(startsMs: Iterable<number>): MinuteRange[] {
  return joinRanges([...startsMs].map((fromMs) => ({ fromMs, toMs: fromMs + MINUTE_MS })))
}

/** What of `ranges` is not in `taken`; both are lists. */
export function subtractRanges(ranges: readonly MinuteRange[], taken: readonly MinuteRange[]): MinuteRange[] {
  const left: MinuteRange[] = []
  let next = 0
  for (const { fromMs, toMs } of ranges) {
    let atMs = fromMs
    while ((taken[next]?.toMs ?? Number.POSITIVE_INFINITY) <= atMs) next += 1
    for (let i = next; atMs < toMs; i += 1) {
      const cut = taken[i]
      if (!cut || cut.fromMs >= toMs) break
      if (cut.fromMs > atMs) left.push({ fromMs: atMs, toMs: cut.fromMs })
      atMs = cut.toMs
    }
    if (atMs < toMs) left.push({ fromMs: atMs, toMs })
  }
  return left
}

/** What both lists hold. */
export function commonRanges(a: readonly MinuteRange[], b: readonly MinuteRange[]): MinuteRange[] {
  return subtractRanges(a, subtractRanges(a, b))
}

/** How many minutes a list holds. */
export function countMinutes(ranges: readonly MinuteRange[]): number {
  return ranges.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / MINUTE_MS, 0)
}
