import { shortList } from './short-list.ts'
import type { ExchangeStatus } from './status.ts'
import type { TaskInput } from './task-input.ts'

/** At the start feeds have so long to subscribe. */
const FIRST_MS = 120_000
const EVERY_MS = 3_600_000
const MOST_NAMES = 20

/** Names symbols that are rejected or silent: two minutes after the start, then hourly. */
export async function symbolsTask({ input, base, status, signal }: TaskInput): Promise<void> {
  for (let waitMs = FIRST_MS; await input.clock.sleep(waitMs, signal); waitMs = EVERY_MS) {
    for (const exchange of status().exchanges) {
      for (const [cause, line] of symbolLines(exchange)) base.log('warn', cause, line)
    }
  }
}

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
