import type { TrueCandle } from '../../../collector/simulator/server/index.ts'
import type { Warehouse } from '../../../warehouse/index.ts'
import { keyOf } from './truth.ts'

/** How many of the expected minutes are final. */
export interface Coverage {
  readonly expected: number
  readonly final: number
  /** Of those that are not: rows that do not say so, and none at all. */
  readonly unfinished: number
  readonly missing: number
  /** Some of them, in words. */
  readonly examples: readonly string[]
}

/** Counts the minutes of `truth` in a relation with `is_final`. */
export async function coverageOf(
  warehouse: Warehouse,
  relation: 'bronze.ohlcv_native' | 'silver.fact_ohlcv',
  truth: ReadonlyMap<string, TrueCandle>,
): Promise<Coverage> {
  const { rows } = await warehouse.query<{
    exchange: string
    native_symbol: string
    start_ms: string
    is_final: boolean
  }>(
    `select exchange, native_symbol, (extract(epoch from interval_start) * 1000)::bigint as start_ms,
      bool_or(is_final) as is_final
    from ${relation} group by exchange, native_symbol, interval_start`,
  )
  const finals = new Map(
    rows.map((row) => [keyOf(row.exchange, row.native_symbol, Number(row.start_ms)), row.is_final]),
  )
  const open = [...truth.keys()].filter((key) => finals.get(key) !== true)
  const missing = open.filter((key) => !finals.has(key)).length
  return {
    expected: truth.size,
    final: truth.size - open.length,
    unfinished: open.length - missing,
    missing,
    examples: open.slice(0, 20).map((key) => {
      const [exchange, symbol, startMs] = key.split(' ')
      return `${exchange} ${symbol} ${new Date(Number(startMs)).toISOString()} ${finals.has(key) ? 'unfinished' : 'missing'}`
    }),
  }
}
