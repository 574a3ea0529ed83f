import type { TrueCandle } from '../../../collector/simulator/server/index.ts'
import type { Warehouse } from '../../../warehouse/index.ts'
import type { Exchanges } from '../exchanges.ts'
import type { Rig } from '../rig.ts'

/** Candles that are not what the market was. */
export interface TruthCheck {
  readonly problems: readonly string[]
  /** Rows that were compared; of these, quiet ones. */
  readonly compared: number
  readonly quiet: number
}

/** A half-open range of time, ms. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** Every minute of a span as it was, by `exchange native_symbol start`. */
export function truthOf(
  { simulator, instruments }: Pick<Rig<Exchanges>, 'simulator' | 'instruments'>,
  { fromMs, toMs }: Span,
): Map<string, TrueCandle> {
  return new Map(
    instruments.flatMap((instrument) =>
      simulator
        .truthOf(instrument, fromMs, toMs)
        .map(
          (candle) => [keyOf(instrument.exchange, instrument.nativeSymbol, candle.startMs), candle] as const,
        ),
    ),
  )
}

/** By which candles are found. */
export function keyOf(exchange: string, nativeSymbol: string, startMs: number): string {
  return `${exchange} ${nativeSymbol} ${startMs}`
}

interface CandleRow {
  readonly exchange: string
  readonly native_symbol: string
  readonly start_ms: string
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly trade_count: string | null
  readonly is_silent: boolean
  readonly origin: string
}

const COLUMNS = `exchange, native_symbol, (extract(epoch from interval_start) * 1000)::bigint as start_ms,
  open, high, low, close, volume, trade_count`

/** Compares every final and every quiet row of bronze, without exception. */
export async function checkBronze(
  warehouse: Warehouse,
  truth: ReadonlyMap<string, TrueCandle>,
): Promise<TruthCheck> {
  const { rows } = await warehouse.query<CandleRow>(
    `select ${COLUMNS}, coalesce(proof = 'silence', false) as is_silent,
      source || ' ' || feed_id || ' ' || sequence || ' ' || row as origin
    from bronze.ohlcv_native where is_final or proof is not null`,
  )
  return compare(rows, truth)
}

/** Compares every final and every quiet row of silver. */
export async function checkSilver(
  warehouse: Warehouse,
  truth: ReadonlyMap<string, TrueCandle>,
): Promise<TruthCheck> {
  const { rows } = await warehouse.query<CandleRow>(
    `select ${COLUMNS}, is_quiet as is_silent, 'silver ' || source as origin
    from silver.fact_ohlcv where is_final or is_quiet`,
  )
  return compare(rows, truth)
}

function compare(rows: readonly CandleRow[], truth: ReadonlyMap<string, TrueCandle>): TruthCheck {
  const problems: string[] = []
  let quiet = 0
  for (const row of rows) {
    const isQuiet = row.is_silent || Number(row.trade_count) === 0
    if (isQuiet) quiet++
    const candle = truth.get(keyOf(row.exchange, row.native_symbol, Number(row.start_ms)))
    const wrong = candle === undefined ? 'there was no such minute' : differenceOf(row, candle, isQuiet)
    if (wrong !== undefined)
      problems.push(
        `${row.exchange} ${row.native_symbol} ${new Date(Number(row.start_ms)).toISOString()} (${row.origin}): ${wrong}`,
      )
  }
  return { problems, compared: rows.length, quiet }
}

function differenceOf(row: CandleRow, candle: TrueCandle, isQuiet: boolean): string | undefined {
  if (isQuiet !== (candle.tradeCount === 0))
    return isQuiet ? `called quiet, had ${candle.tradeCount} trades` : 'has trades, was quiet'
  const fields = ['open', 'high', 'low', 'close', 'volume'] as const
  const differing: string[] = fields
    .filter((field) => row[field] !== Number(candle[field]))
    .map((field) => `${field} ${row[field]} was ${candle[field]}`)
  if (Number(row.trade_count) !== candle.tradeCount)
    differing.push(`trade_count ${row.trade_count} was ${candle.tradeCount}`)
  return differing.length === 0 ? undefined : differing.join(', ')
}
