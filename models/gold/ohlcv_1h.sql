{{ config(
    materialized='incremental',
    time_column='interval_start',
    unique_key=['interval_start', 'symbol', 'exchange', 'quote_asset'],
    tags=['hourly']
) }}
{#
    Grain:     one row per 1-hour bucket, symbol, exchange and quote asset that has a candle.
    Partition: the UTC hour of interval_start.
    Late rows: rebuilt when ohlcv_30m changes or another minute is expected.
    Units:     prices in quote, volume in base.
#}
with

candles as (
    select
        {{ bucket_of('interval_start', '1 hour') }} as bucket_start,
        symbol,
        exchange,
        quote_asset,
        {{ ohlcv_of(60, 30) }}
    from {{ ref('ohlcv_30m') }}
    group by bucket_start, symbol, exchange, quote_asset
),

listings as (
    {{ listings_of(source('bronze', 'instrument')) }}
)

{{ derived_candles('candles', 'listings', 60) }}
