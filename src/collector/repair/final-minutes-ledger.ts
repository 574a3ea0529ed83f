import { identifier } from '../../base/index.ts'
import type { SourceTable, Warehouse } from '../../warehouse/index.ts'
import type { MinuteRange } from './minute-ranges.ts'

/** Minutes with a final row, sent or quiet, by `instrumentKey`. */
export type FinalMinutes = ReadonlyMap<string, readonly MinuteRange[]>

/** What a candle belongs to in silver: an exchange's symbol in one quote, whatever the exchange calls it. */
export function instrumentKey({
  exchange,
  symbol,
  quoteAsset,
}: {
  readonly exchange: string
  readonly symbol: string
  readonly quoteAsset: string
}): string {
  return `${exchange} ${symbol} ${quoteAsset}`
}

/**
 * Reads which minutes of a range have a final row in bronze: one query, one row for each unbroken range.
 *
 * @param table bronze.ohlcv_native
 * @param exchanges of these alone
 * @throws {KxError} KX_WAREHOUSE_UNREACHABLE · {SqlError} if the table is not there
 */
export async function readFinalMinutes(
  warehouse: Pick<Warehouse, 'query' | 'target'>,
  table: Pick<SourceTable, 'schema' | 'name'>,
  { range, exchanges }: { readonly range: MinuteRange; readonly exchanges: readonly string[] },
): Promise<FinalMinutes> {
  const { rows } = await warehouse.query<RangeRow>(
    `with final as (
        select distinct exchange, symbol, quote_asset, interval_start
        from ${identifier(`${warehouse.target.sourcePrefix}${table.schema}`, table.name)}
        where interval_start >= to_timestamp($1)
            and interval_start < to_timestamp($2)
            and interval_seconds = 60
            and is_final
            and exchange = any($3::text[])
    ),
    -- Minutes without a hole between them are equally far from their place in the order.
    placed as (
        select
            *,
            interval_start - row_number() over (
                partition by exchange, symbol, quote_asset
                order by interval_start
            ) * interval '1 minute' as island
        from final
    )
    select
        exchange,
        symbol,
        quote_asset,
        extract(epoch from min(interval_start))::float8 as from_s,
        extract(epoch from max(interval_start))::float8 + 60 as to_s
    from placed
    group by exchange, symbol, quote_asset, island
    order by exchange, symbol, quote_asset, from_s`,
    [range.fromMs / 1000, range.toMs / 1000, exchanges],
  )
  const found = new Map<string, MinuteRange[]>()
  for (const { exchange, symbol, quote_asset, from_s, to_s } of rows) {
    const key = instrumentKey({ exchange, symbol, quoteAsset: quote_asset })
    const ranges = found.get(key) ?? []
    ranges.push({ fromMs: from_s * 1000, toMs: to_s * 1000 })
    found.set(key, ranges)
  }
  return found
}

interface RangeRow {
  readonly exchange: string
  readonly symbol: string
  readonly quote_asset: string
  readonly from_s: number
  readonly to_s: number
}
