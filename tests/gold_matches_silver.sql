{# Every hour: the extremes and the trades of ohlcv_1h are those of its minutes. Returns the candles that differ. #}
with

minutes as (
    select
        {{ bucket_of('interval_start', '1 hour') }} as hour_start,
        symbol,
        exchange,
        quote_asset,
        max(high) as high,
        min(low) as low,
        case when count(trade_count) = count(*) then sum(trade_count)::bigint end as trade_count,
        count(*) filter (where is_final)::integer as minutes_present
    from {{ ref('fact_ohlcv') }}
    group by hour_start, symbol, exchange, quote_asset
)

select
    coalesce(minutes.hour_start, hours.interval_start) as hour_start,
    coalesce(minutes.symbol, hours.symbol) as symbol,
    coalesce(minutes.exchange, hours.exchange) as exchange,
    coalesce(minutes.quote_asset, hours.quote_asset) as quote_asset,
    minutes.high as minutes_high,
    hours.high as hour_high,
    minutes.low as minutes_low,
    hours.low as hour_low
from minutes
full join {{ ref('ohlcv_1h') }} as hours
    on
        hours.interval_start = minutes.hour_start
        and hours.symbol = minutes.symbol
        and hours.exchange = minutes.exchange
        and hours.quote_asset = minutes.quote_asset
where
    (minutes.high, minutes.low, minutes.trade_count, minutes.minutes_present)
    is distinct from (hours.high, hours.low, hours.trade_count, hours.minutes_present)
