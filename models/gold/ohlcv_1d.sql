{{ config(
    materialized='incremental',
    partition='day',
    time_column='interval_start',
    unique_key=['interval_start', 'symbol', 'exchange', 'quote_asset'],
    tags=['daily']
) }}
{#
    Grain:     one row per 1-day bucket, symbol, exchange and quote asset that has a candle.
    Partition: the UTC day of interval_start, built from its 24 hours.
    Late rows: rebuilt when ohlcv_1h changes or another minute is expected.
    Units:     prices in quote, volume in base.
#}
with

candles as (
    select
        {{ bucket_of('interval_start', '1 day') }} as bucket_start,
        symbol,
        exchange,
        quote_asset,
        {{ ohlcv_of(1440, 60) }}
    from {{ ref('ohlcv_1h') }}
    group by bucket_start, symbol, exchange, quote_asset
),

listings as (
    {{ listings_of(source('bronze', 'instrument')) }}
)

{{ derived_candles('candles', 'listings', 1440) }}
