{#
    slot(column, minutes, offset): `column` of the row `offset` minutes into its bucket.

    Rows lie on a grid of minutes in `interval_start`, at most one per group and place. A slot per row costs a
    fifth of array_agg(… order by …), and a sum over slots adds in the same order however the rows arrive.

    column   column of the input
    minutes  width of the bucket, in minutes
    offset   minutes from the bucket's start to the row's, a multiple of the step
    returns  the type of column; null where there is no such row

    {{ slot('open', 5, 2) }}
    ->  max(open) filter (where interval_start = date_bin('5 minutes', interval_start, …) + interval '2 minutes')
#}
{% macro slot(column, minutes, offset) -%}
    max({{ column }}) filter (where interval_start = {{ bucket_of('interval_start', minutes ~ ' minutes') }}
    {%- if offset > 0 %} + interval '{{ offset }} minutes'{% endif %})
{%- endmacro %}


{#
    slot_first(column, minutes, step): `column` of the first row of a bucket. Fast up to about 12 slots.

    column   column of the input, never null there
    minutes  width of the bucket, in minutes
    step     width of one row, in minutes; divides the bucket's
    returns  the type of column

    {{ slot_first('open', 10, 5) }}
    ->  coalesce(max(open) filter (where interval_start = …), max(open) filter (where interval_start = … + 5 minutes))
#}
{% macro slot_first(column, minutes, step) -%}
    coalesce(
        {%- for offset in range(0, minutes, step) %}
        {{ slot(column, minutes, offset) }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    )
{%- endmacro %}


{#
    slot_last(column, minutes, step): `column` of the last row of a bucket; as slot_first otherwise.

    {{ slot_last('close', 10, 5) }}
    ->  coalesce(max(close) filter (where interval_start = … + 5 minutes), max(close) filter (where interval_start = …))
#}
{% macro slot_last(column, minutes, step) -%}
    coalesce(
        {%- for offset in range(0, minutes, step) %}
        {{ slot(column, minutes, minutes - step - offset) }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    )
{%- endmacro %}


{#
    slot_sum(column, minutes, step): sum of `column` over a bucket, added in the order of time: the same bits
    whatever order the rows are read in. A row that is not there, or null, counts 0; as slot_first otherwise.

    {{ slot_sum('volume', 10, 5) }}
    ->  coalesce(max(volume) filter (where interval_start = …), 0) + coalesce(max(volume) filter (…), 0)
#}
{% macro slot_sum(column, minutes, step) -%}
    {%- for offset in range(0, minutes, step) %}
        {% if not loop.first %}+ {% endif %}coalesce({{ slot(column, minutes, offset) }}, 0)
    {%- endfor %}
{%- endmacro %}


{#
    ohlcv_of(minutes, step): the measures of a candle, out of smaller candles.

    The input has the columns of silver.fact_ohlcv (step 1) or of a gold candle; group by the bucket and the
    instrument. Up to 12 rows in a bucket are slots, more are ordered aggregates: slower, with the same sums.

    minutes  width of the candle, in minutes
    step     width of one input row, in minutes; divides the candle's
    returns  open, high, low, close, volume, quote_volume, trade_count, minutes_present: a list of named expressions.
             quote_volume and trade_count are null unless every row of the bucket has them

    {{ ohlcv_of(5, 1) }}
    ->  coalesce(max(open) filter (…), …) as open,
        max(high) as high,
        …
        count(*) filter (where is_final) as minutes_present
#}
{% macro ohlcv_of(minutes, step) -%}
    {%- set few = minutes <= 12 * step -%}
    {{ slot_first('open', minutes, step) if few else first_by('open', 'interval_start') }} as open,
    max(high) as high,
    min(low) as low,
    {{ slot_last('close', minutes, step) if few else last_by('close', 'interval_start') }} as close,
    {{ slot_sum('volume', minutes, step) if few else 'sum(volume order by interval_start)' }} as volume,
    case
        when count(quote_volume) = count(*)
            then {{ slot_sum('quote_volume', minutes, step) if few else 'sum(quote_volume order by interval_start)' }}
    end as quote_volume,
    case
        when count(trade_count) = count(*)
            then sum(trade_count)::bigint
    end as trade_count,
    {% if step == 1 %}count(*) filter (where is_final){% else %}sum(minutes_present){% endif %}::integer as minutes_present
{%- endmacro %}


{#
    vwap_of(quote_volume, volume): volume-weighted average price.

    quote_volume, volume  columns or expressions
    returns               double precision; null without volume or without a known quote volume

    {{ vwap_of('quote_volume', 'volume') }}
    ->  case when volume > 0 then quote_volume / volume end
#}
{% macro vwap_of(quote_volume, volume) -%}
    case when {{ volume }} > 0 then {{ quote_volume }} / {{ volume }} end
{%- endmacro %}


{#
    derived_candles(candles, listings, minutes): the final select of a gold candle: names its columns and says how
    many of the minutes that were expected it has.

    candles   relation of bucket_start, symbol, exchange, quote_asset and ohlcv_of
    listings  relation of listings_of
    minutes   width of the candle, in minutes
    returns   a select

    {{ derived_candles('candles', 'listings', 5) }}
    ->  select candles.bucket_start as interval_start, candles.symbol, … from candles left join listings …
#}
{% macro derived_candles(candles, listings, minutes) -%}
select
    bucket_start as interval_start,
    symbol,
    exchange,
    quote_asset,
    open,
    high,
    low,
    close,
    volume,
    quote_volume,
    {{ vwap_of('quote_volume', 'volume') }} as vwap,
    trade_count,
    minutes_present,
    minutes_expected,
    minutes_present >= minutes_expected as is_complete,
    'derived' as source
from (
    select
        {{ candles }}.*,
        {{ minutes_expected('listed', 'bucket_start', minutes) }} as minutes_expected
    from {{ candles }}
    left join {{ listings }} using (symbol, exchange, quote_asset)
) as counted
{%- endmacro %}
