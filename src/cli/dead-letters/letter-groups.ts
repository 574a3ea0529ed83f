/** Dead letters of one exchange, or one loaded file, and one reason. */
export interface LetterGroup {
  /** Exchange or file. */
  readonly of: string
  readonly reason: string
  readonly letters: number
  readonly replayed: number
  /** ISO 8601; of a file: its line. */
  readonly first: string
  readonly last: string
  /** The newest one's text. */
  readonly example: string
}

/** One letter to count. */
export interface CountedLetter {
  readonly of: string
  readonly reason: string
  readonly isReplayed: boolean
  readonly at: string
  readonly text: string
}

/** Counts letters, those that come first being the oldest. */
export interface LetterCounter {
  add(letter: CountedLetter): void
  groups(): LetterGroup[]
}

/** Nothing is counted yet. */
export function letterCounter(): LetterCounter {
  const groups = new Map<string, LetterGroup>()
  return {
    add({ of, reason, isReplayed, at, text }) {
      const key = `${of}\n${reason}`
      const before = groups.get(key)
      groups.set(key, {
        ...{ of, reason },
        letters: (before?.letters ?? 0) + 1,
        replayed: (before?.replayed ?? 0) + (isReplayed ? 1 : 0),
        first: before?.first ?? at,
        last: at,
        example: text.slice(0, LONGEST_EXAMPLE),
      })
    },
    groups: () => [...groups.values()],
  }
}

const LONGEST_EXAMPLE = 300
