{{ config(
    materialized='incremental',
    time_column='interval_start',
    unique_key=['interval_start', 'symbol', 'exchange', 'quote_asset'],
    tags=['hourly']
) }}
{#
    Grain:     one row per minute, symbol, exchange and quote asset: the best candle that was reported.
    Partition: the UTC hour of interval_start, whenever the candle arrived.
    Late rows: a candle loaded days later makes its own hour stale, and only that.
    Units:     prices in quote, volume in base.
    Rank:      1 final from WebSocket · 2 final from REST or archive · 3, 4 unfinished with a trade, from
               WebSocket or else · 5 proven by silence · 6, 7 unfinished without a trade.
#}
with

reported as (
    select
        *,
        case
            when proof = 'silence' then 5
            when is_final then case when source = 'ws' then 1 else 2 end
            when volume > 0 or trade_count > 0 then case when source = 'ws' then 3 else 4 end
            else case when source = 'ws' then 6 else 7 end
        end as rank,
        case source when 'ws' then 1 when 'rest' then 2 else 3 end as source_rank
    from {{ source('bronze', 'ohlcv_native') }}
    where interval_seconds = 60
),

-- The order in which rows arrived decides nothing: no loaded_at, no load_id.
best as (
    select distinct on (interval_start, symbol, exchange, quote_asset) *
    from reported
    order by
        interval_start,
        symbol,
        exchange,
        quote_asset,
        rank,
        trade_count desc nulls last,
        source_rank,
        volume desc nulls last,
        event_at desc nulls last,
        received_at desc nulls last,
        feed_id nulls last,
        sequence nulls last,
        row nulls last,
        landing_file,
        landing_line
)

select
    interval_start,
    symbol,
    exchange,
    quote_asset,
    native_symbol,
    open,
    high,
    low,
    close,
    volume,
    -- Kraken reports vwap and no quote volume, Binance the other way round.
    -- @see https://docs.kraken.com/api/docs/websocket-v2/ohlc
    case when volume = 0 then 0 else coalesce(quote_volume, vwap * volume) end as quote_volume,
    case when volume > 0 then coalesce(vwap, quote_volume / volume) end as vwap,
    case when volume = 0 then coalesce(trade_count, 0) else trade_count end as trade_count,
    source,
    is_final,
    is_final and volume = 0 and coalesce(trade_count, 0) = 0 as is_quiet
from best
