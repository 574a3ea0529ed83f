{#
    listings_of(instrument): when each instrument is expected.

    instrument  relation with the columns of bronze.instrument
    returns     a select of symbol, exchange, quote_asset, listed (tstzmultirange): one row per expected instrument,
                its listings under several native symbols joined

    {{ listings_of(source('bronze', 'instrument')) }}
    ->  select symbol, exchange, quote_asset, range_agg(tstzrange(listed_from, listed_to)) as listed from …
#}
{% macro listings_of(instrument) -%}
select
    symbol,
    exchange,
    quote_asset,
    range_agg(tstzrange(listed_from, listed_to)) as listed
from {{ instrument }}
where is_expected and listed_from < listed_to
group by symbol, exchange, quote_asset
{%- endmacro %}


{#
    minutes_expected(listed, start, minutes): how many minutes of a bucket an instrument is expected in: those that
    begin inside its listing.

    listed   tstzmultirange column of listings_of; null for an instrument that is not expected
    start    start of the bucket
    minutes  width of the bucket, in minutes
    returns  integer, 0 to minutes

    {{ minutes_expected('listed', 'bucket_start', 5) }}
    ->  case when listed @> tstzrange(bucket_start, bucket_start + interval '5 minutes') then 5 else … end
#}
{% macro minutes_expected(listed, start, minutes) -%}
    {%- set bucket = 'tstzrange(' ~ start ~ ', ' ~ start ~ " + interval '" ~ minutes ~ " minutes')" -%}
    case
        when {{ listed }} @> {{ bucket }} then {{ minutes }}
        else coalesce((
            select sum(ceil(date_part('epoch', upper(part)) / 60) - ceil(date_part('epoch', lower(part)) / 60))
            from unnest({{ listed }} * tstzmultirange({{ bucket }})) as part
        ), 0)::integer
    end
{%- endmacro %}


{#
    hours_of(start, stop): every hour of a range, as rows.

    start, stop  bounds of the range, stop exclusive
    returns      a table expression with the column hour_start

    {{ hours_of(partition.start, partition.end) }}
    ->  generate_series($1::timestamptz, $2::timestamptz - interval '1 hour', interval '1 hour') as hours(hour_start)
#}
{% macro hours_of(start, stop) -%}
    generate_series({{ start }}, {{ stop }} - interval '1 hour', interval '1 hour') as hours(hour_start)
{%- endmacro %}


{#
    expected_grid(listings, start, stop): every minute in which each instrument is expected.

    listings     relation of listings_of
    start, stop  bounds of the range, stop exclusive
    returns      a select of interval_start, symbol, exchange, quote_asset

    {{ expected_grid('listings', partition.start, partition.end) }}
    ->  select minutes.interval_start, … from generate_series(…) as minutes(interval_start) inner join listings …
#}
{% macro expected_grid(listings, start, stop) -%}
select
    minutes.interval_start,
    {{ listings }}.symbol,
    {{ listings }}.exchange,
    {{ listings }}.quote_asset
from generate_series(
    {{ start }}, {{ stop }} - interval '1 minute', interval '1 minute'
) as minutes(interval_start)
inner join {{ listings }} on {{ listings }}.listed @> minutes.interval_start
{%- endmacro %}
