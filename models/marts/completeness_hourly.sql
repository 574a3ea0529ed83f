{{ config(
    materialized='incremental',
    time_column='hour_start',
    unique_key=['hour_start', 'symbol', 'exchange', 'quote_asset'],
    batch=24,
    tags=['hourly', 'quality']
) }}
{#
    Grain:     one row per hour, symbol, exchange and quote asset that is expected, with or without candles.
    Partition: the UTC hour of hour_start.
    Late rows: rebuilt when fact_ohlcv changes or another minute is expected.
    Units:     minutes; expected = ws + rest + archive + quiet + unfinished + missing.
#}
with

listings as (
    {{ listings_of(source('bronze', 'instrument')) }}
),

expected_hours as (
    select
        hours.hour_start,
        listings.symbol,
        listings.exchange,
        listings.quote_asset,
        {{ minutes_expected('listings.listed', 'hours.hour_start', 60) }} as expected
    from {{ hours_of(partition.start, partition.end) }}
    cross join listings
),

-- Minutes outside an instrument's listing are not expected and count nowhere.
seen_hours as (
    select
        {{ bucket_of('candles.interval_start', '1 hour') }} as hour_start,
        candles.symbol,
        candles.exchange,
        candles.quote_asset,
        count(*) filter (where is_final and not is_quiet and source = 'ws') as ws,
        count(*) filter (where is_final and not is_quiet and source = 'rest') as rest,
        count(*) filter (where is_final and not is_quiet and source = 'archive') as archive,
        count(*) filter (where is_quiet) as quiet,
        count(*) filter (where not is_final) as unfinished,
        count(*) as seen
    from {{ ref('fact_ohlcv') }} as candles
    inner join listings
        on
            listings.symbol = candles.symbol
            and listings.exchange = candles.exchange
            and listings.quote_asset = candles.quote_asset
            and listings.listed @> candles.interval_start
    group by hour_start, candles.symbol, candles.exchange, candles.quote_asset
)

select
    hour_start,
    symbol,
    exchange,
    quote_asset,
    expected_hours.expected,
    coalesce(seen_hours.ws, 0)::integer as ws,
    coalesce(seen_hours.rest, 0)::integer as rest,
    coalesce(seen_hours.archive, 0)::integer as archive,
    coalesce(seen_hours.quiet, 0)::integer as quiet,
    coalesce(seen_hours.unfinished, 0)::integer as unfinished,
    (expected_hours.expected - coalesce(seen_hours.seen, 0))::integer as missing
from expected_hours
left join seen_hours using (hour_start, symbol, exchange, quote_asset)
where expected_hours.expected > 0
