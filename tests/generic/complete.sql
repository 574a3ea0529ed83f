{#
    complete: every expected instrument has a final candle, traded or quiet, in every minute of its listing. Returns
    one row per instrument and hour that lacks some, with the minutes: 13:07-13:18 13:40.

    The model has one row per minute, with is_final.

    tests:
      - complete
#}
{% test complete(model) %}
with

listings as (
    {{ listings_of(source('bronze', 'instrument')) }}
),

expected as (
    {{ expected_grid('listings', partition.start, partition.end) }}
),

lacking as (
    select
        expected.exchange,
        expected.symbol,
        expected.quote_asset,
        expected.interval_start,
        {{ bucket_of('expected.interval_start', '1 hour') }} as hour_start,
        -- The same in all minutes of one unbroken stretch.
        expected.interval_start - interval '1 minute' * row_number() over (
            partition by expected.symbol, expected.exchange, expected.quote_asset
            order by expected.interval_start
        ) as stretch
    from expected
    where
        not exists (
            select 1
            from {{ model }} as candles
            where
                candles.interval_start = expected.interval_start
                and candles.symbol = expected.symbol
                and candles.exchange = expected.exchange
                and candles.quote_asset = expected.quote_asset
                and candles.is_final
        )
),

stretches as (
    select
        exchange,
        symbol,
        quote_asset,
        hour_start,
        count(*) as missing,
        to_char(min(interval_start) at time zone 'UTC', 'HH24:MI') as first_minute,
        to_char(max(interval_start) at time zone 'UTC', 'HH24:MI') as last_minute
    from lacking
    group by exchange, symbol, quote_asset, hour_start, stretch
)

select
    exchange,
    symbol,
    quote_asset,
    hour_start,
    sum(missing)::integer as missing,
    string_agg(
        case when missing = 1 then first_minute else first_minute || '-' || last_minute end,
        ' ' order by first_minute
    ) as minutes
from stretches
group by exchange, symbol, quote_asset, hour_start
{% endtest %}
