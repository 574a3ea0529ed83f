/** One of the things that take turns: what is put back before it, and what is measured, in ms. */
export interface Contestant<Name extends string> {
  readonly name: Name
  /** Not measured. */
  readonly prepare?: () => void
  readonly measure: () => number
}

/** Ms of each contestant, one per round. */
export type Rounds<Name extends string> = Readonly<Record<Name, readonly number[]>>

/**
 * Lets contestants take turns, so that all see the same machine; each round begins with another one. A first
 * round that warms files and tables is not counted.
 */
export function takeTurns<Name extends string>(
  contestants: readonly Contestant<Name>[],
  { rounds, warmups = 1 }: { rounds: number; warmups?: number },
): Rounds<Name> {
  const times = Object.fromEntries(contestants.map(({ name }) => [name, [] as number[]])) as Record<
    Name,
    number[]
  >
  for (let round = -warmups; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = contestants[(turn + round + warmups) % contestants.length]
      if (contestant === undefined) continue
      contestant.prepare?.()
      const ms = contestant.measure()
      if (round >= 0) times[contestant.name].push(ms)
    }
  }
  return times
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const high = sorted[middle] ?? Number.NaN
  const median = sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? high) + high) / 2
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN }
}

/** Round by round, how many times longer `a` took than `b`. */
export function ratios(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value / (b[i] ?? Number.NaN))
}
