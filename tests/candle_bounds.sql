{{ config(severity='error', blocking=true) }}
{# Every minute: low <= open, close <= high. Returns the minutes that are not. #}
select
    interval_start,
    symbol,
    exchange,
    quote_asset,
    low,
    open,
    close,
    high
from {{ ref('fact_ohlcv') }}
where not (low <= least(open, close) and greatest(open, close) <= high)
