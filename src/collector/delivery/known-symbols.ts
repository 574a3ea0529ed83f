import { breakHeard, type Heard } from './heard.ts'

/** What a connection has told of each symbol. */
export interface KnownSymbols {
  /** What is known before the next row; undefined: never heard. Ends a doubt. */
  recall(symbol: string): Heard | undefined
  /** What was last kept, whatever became of it since. */
  peek(symbol: string): Heard | undefined
  keep(symbol: string, heard: Heard): void
  forget(symbol: string): void
  /** Something of this symbol was lost; of any of them, if it is undefined or was never heard. */
  breakOne(symbol: string | undefined): void
  breakAll(): void
  /** Whether the silence of a symbol may be that of a dead subscription: then its next row proves nothing of it. */
  doubt(symbol: string, isInDoubt: boolean): void
}

/** More symbols than any connection carries: only garbage makes so many. */
const MOST_SYMBOLS = 20_000

/** No symbol is known yet. */
export function knownSymbols(): KnownSymbols {
  const entries = new Map<string, { readonly heard: Heard; readonly breaks: number }>()
  const doubted = new Set<string>()
  /** How often all of them broke: what was kept before the last time is broken. */
  let breaks = 0

  function breakOne(symbol: string | undefined): void {
    const entry = symbol === undefined ? undefined : entries.get(symbol)
    if (symbol === undefined || entry === undefined) breaks++
    else entries.set(symbol, { ...entry, heard: breakHeard(entry.heard) })
  }

  return {
    recall(symbol) {
      const entry = entries.get(symbol)
      const isDoubted = doubted.delete(symbol)
      if (entry === undefined) return undefined
      return isDoubted || entry.breaks < breaks ? breakHeard(entry.heard) : entry.heard
    },
    peek: (symbol) => entries.get(symbol)?.heard,
    keep(symbol, heard) {
      if (entries.size >= MOST_SYMBOLS && !entries.has(symbol)) entries.clear()
      entries.set(symbol, { heard, breaks })
    },
    forget: (symbol) => entries.delete(symbol),
    breakOne,
    breakAll: () => breakOne(undefined),
    doubt(symbol, isInDoubt) {
      if (isInDoubt) doubted.add(symbol)
      else doubted.delete(symbol)
    },
  }
}
