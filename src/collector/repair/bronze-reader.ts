import { type Clock, isKxError } from '../../base/index.ts'
import { type SourceTable, SqlError, type Warehouse } from '../../warehouse/index.ts'
import { type FinalMinutes, readFinalMinutes } from './final-minutes-ledger.ts'
import { joinRanges, MINUTE_MS, type MinuteRange } from './minute-ranges.ts'

/** What is read of bronze, and through what. */
export interface Bronze {
  readonly warehouse: Pick<Warehouse, 'query' | 'target'>
  /** bronze.ohlcv_native. */
  readonly table: Pick<SourceTable, 'schema' | 'name'>
}

/** Holes up to this are read along, ms: one query is cheaper than two. */
const ALONG_MS = 10 * MINUTE_MS
/** Most of one query, ms. */
const AT_ONCE_MS = 1440 * MINUTE_MS

/**
 * Minutes with a final row in bronze, in ranges and a little around them.
 *
 * @throws {KxError} KX_WAREHOUSE_UNREACHABLE · {SqlError}
 */
export async function readFinals(
  { warehouse, table }: Bronze,
  ranges: readonly MinuteRange[],
  exchanges: readonly string[],
): Promise<FinalMinutes> {
  const found = new Map<string, MinuteRange[]>()
  for (const range of readRanges(ranges)) {
    for (const [key, final] of await readFinalMinutes(warehouse, table, { range, exchanges })) {
      found.set(key, joinRanges([...(found.get(key) ?? []), ...final]))
    }
  }
  return found
}

/** What to read: ranges that lie close together as one, long ones cut. */
function readRanges(ranges: readonly MinuteRange[]): MinuteRange[] {
  const wide = joinRanges(ranges.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs + ALONG_MS })))
  return wide.flatMap(({ fromMs, toMs }) => {
    const endMs = toMs - ALONG_MS
    const count = Math.ceil((endMs - fromMs) / AT_ONCE_MS)
    return Array.from({ length: count }, (_, i) => ({
      fromMs: fromMs + i * AT_ONCE_MS,
      toMs: Math.min(fromMs + (i + 1) * AT_ONCE_MS, endMs),
    }))
  })
}

/** Reads bronze as long as it is there. */
export interface BronzeReader {
  /** Undefined: it cannot be read now; what is missing is not known. */
  finals(ranges: readonly MinuteRange[], exchange: string): Promise<FinalMinutes | undefined>
}

/** After a failure bronze is left alone for so long, ms. */
const AWAY_MS = 5000

/** A reader that tells once when bronze goes and once when it is back. */
export function createBronzeReader(
  bronze: Bronze,
  {
    clock,
    tell,
  }: {
    readonly clock: Pick<Clock, 'monotonicMs'>
    readonly tell: (
      event: { readonly type: 'paused'; readonly reason: string } | { readonly type: 'resumed' },
    ) => void
  },
): BronzeReader {
  let awayUntilMs: number | undefined
  return {
    async finals(ranges, exchange) {
      if (awayUntilMs !== undefined && clock.monotonicMs() < awayUntilMs) return undefined
      try {
        const found = await readFinals(bronze, ranges, [exchange])
        if (awayUntilMs !== undefined) tell({ type: 'resumed' })
        awayUntilMs = undefined
        return found
      } catch (error) {
        // Whatever Postgres says, it is its answer that is missing, and repair goes on when it can be had.
        if (!isKxError(error) && !(error instanceof SqlError)) throw error
        if (awayUntilMs === undefined) tell({ type: 'paused', reason: error.message })
        awayUntilMs = clock.monotonicMs() + AWAY_MS
        return undefined
      }
    },
  }
}
