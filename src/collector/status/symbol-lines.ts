import { shortList } from './short-list.ts'
import type { ExchangeStatus } from './status.ts'

const MOST_NAMES = 20

/** A line for each kind of symbols that are not as they should be, with its cause. */
export function symbolLines({
  exchange,
  symbolsRejected,
  symbolsStale,
}: Pick<ExchangeStatus, 'exchange' | 'symbolsRejected' | 'symbolsStale'>): [string, string][] {
  const rejected = symbolsRejected.map(({ symbol, reason }) => `${symbol} (${reason})`)
  const kinds: [string, readonly string[]][] = [
    ['rejected', rejected],
    ['stale', symbolsStale],
  ]
  return kinds
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => [
      `${exchange}_symbols_${kind}`,
      `${exchange}: ${kind}: ${shortList(names, MOST_NAMES)}`,
    ])
}
