{#
    complete: every expected instrument has a final candle, traded or quiet, in every minute of its listing. Returns
    one row per instrument and hour that lacks some, with the minutes.

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
)

select
    expected.exchange,
    expected.symbol,
    expected.quote_asset,
    {{ bucket_of('expected.interval_start', '1 hour') }} as hour_start,
    count(*) as missing,
    string_agg(
        to_char(expected.interval_start at time zone 'UTC', 'HH24:MI'), ' ' order by expected.interval_start
    ) as minutes
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
group by expected.exchange, expected.symbol, expected.quote_asset, hour_start
{% endtest %}
