import { type Database, psql } from './database.ts'

const SYMBOLS = 'BTC ETH SOL LINK DOT APE PEPE TRUMP JUP PUMP PENGU REKT FARTCOIN WIF KSM'.split(' ')

/** One of the bench's instruments: 15 symbols on two exchanges. */
export interface BenchInstrument {
  readonly exchange: string
  readonly nativeSymbol: string
  readonly symbol: string
  readonly quoteAsset: string
}

export const instruments: readonly BenchInstrument[] = SYMBOLS.flatMap((name) => [
  { exchange: 'kraken', nativeSymbol: `${name}/USD`, symbol: `${name}-USD`, quoteAsset: 'USD' },
  { exchange: 'binance_us', nativeSymbol: `${name}USDT`, symbol: `${name}-USD`, quoteAsset: 'USDT' },
])

/** Hour 0 of every bench. */
export const START = '2024-05-01T00:00:00Z'

/**
 * Fills bronze with `hours` hours of one-minute candles from START, and writes down their versions as a load does.
 *
 * Always the same rows: what is random comes from hashes of minute and instrument. 2 % come twice (REST after
 * WebSocket), 3 % of the minutes are quiet, half of those proven by silence. Kraken has a vwap and no quote volume,
 * Binance the other way round.
 */
export function fillBronze(database: Database, hours: number): void {
  psql(database, `${candlesSql(hours)};\n${LEDGER};\nvacuum (analyze) bronze.ohlcv_native;\ncheckpoint`)
}

function candlesSql(hours: number): string {
  const values = instruments
    .map((one, i) => `(${i}, '${one.exchange}', '${one.nativeSymbol}', '${one.symbol}', '${one.quoteAsset}')`)
    .join(', ')
  return `
with minute as (
    select m, '${START}'::timestamptz + m * interval '1 minute' as at from generate_series(0, ${hours * 60 - 1}) as m
),
instrument (i, exchange, native_symbol, symbol, quote_asset) as (values ${values}),
drawn as (
    select *, ${random(1)} as u1, ${random(2)} as u2, ${random(3)} as u3, ${random(4)} as u4,
        (10.0 + 37.5 * i) * (1 + 0.05 * sin(m / 701.0 + i)) as level
    from minute cross join instrument
),
candle as (
    select *, u1 < 0.03 as is_quiet,
        round((level * (1 + u2 / 500))::numeric, 4)::float8 as opening,
        case when u1 < 0.03 then round((level * (1 + u2 / 500))::numeric, 4)::float8
            else round((level * (1 + u3 / 500))::numeric, 4)::float8 end as closing,
        case when u1 < 0.03 then 0 else round((u4 * 100)::numeric, 6)::float8 + 0.001 end as amount
    from drawn
)
insert into bronze.ohlcv_native (
    exchange, native_symbol, symbol, quote_asset, interval_seconds, interval_start, open, high, low, close, volume,
    quote_volume, vwap, trade_count, is_final, proof, source, event_at, received_at, feed_id, sequence, row,
    loaded_at, load_id, landing_file, landing_line
)
select exchange, native_symbol, symbol, quote_asset, 60, at, opening,
    greatest(opening, closing) + case when is_quiet then 0 else 0.0003 end,
    least(opening, closing) - case when is_quiet then 0 else 0.0003 end, closing, amount,
    case when exchange = 'binance_us' then amount * (opening + closing) / 2 end,
    case when exchange = 'kraken' and not is_quiet then (opening + closing) / 2 end,
    case when is_quiet then 0 else 1 + floor(u3 * 200)::bigint end, true,
    case when is_quiet and u1 < 0.015 then 'silence' else 'sent' end,
    case copy when 1 then 'ws' else 'rest' end,
    at + interval '61 seconds', at + copy * interval '62 seconds',
    case copy when 1 then 'c1-w0-' else 'c1-rest-' end || exchange, m * 32 + i, 0,
    at + interval '2 minutes', 1,
    format('exchange=%s/symbol=%s/hour=%s/part.jsonl', exchange, symbol, to_char(at, 'YYYY-MM-DD"T"HH24')), m % 60 * 2 + copy
from candle cross join lateral generate_series(1, case when u4 < 0.02 then 2 else 1 end) as copy
order by at, copy, i`
}

/** In [0, 1), by minute and instrument. */
function random(seed: number): string {
  return `(hashint8extended(m * 64 + i, ${seed}) & 16777215) / 16777216.0::float8`
}

const LEDGER = `
insert into kx.source_partition (relation, hour, version, rows, loaded_at)
select 'bronze.ohlcv_native', hour, nextval('kx.version'), rows, clock_timestamp()
from (
    select date_bin('1 hour', interval_start, '2000-01-01T00:00:00Z') as hour, count(*) as rows
    from bronze.ohlcv_native group by 1 order by 1
) as hours;
insert into kx.change (version, relation, hour, load_id, rows, changed_at)
select version, relation, hour, 1, rows, loaded_at from kx.source_partition`
