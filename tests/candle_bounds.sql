{{ config(severity='error', blocking=true) }}
{# Every minute has prices, and low <= open, close <= high. Returns the minutes that are not. #}
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
where (low <= least(open, close) and greatest(open, close) <= high) is not true
