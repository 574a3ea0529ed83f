-- bronze.ohlcv_native -> hand_silver.fact_ohlcv, for :from <= interval_start < :to. Running it twice gives the same rows.
begin;
delete from hand_silver.fact_ohlcv
where interval_start >= :'from'::timestamptz and interval_start < :'to'::timestamptz;

insert into hand_silver.fact_ohlcv (
    interval_start, symbol, exchange, quote_asset, native_symbol, open, high, low,
    close, volume, quote_volume, vwap, trade_count, source, is_final, is_quiet
)
select distinct on (interval_start, symbol, exchange, quote_asset)
    interval_start,
    symbol,
    exchange,
    quote_asset,
    native_symbol,
    open,
    high,
    low,
    close,
    volume,
    case when volume = 0 then 0 else coalesce(quote_volume, vwap * volume) end,
    case when volume > 0 then coalesce(vwap, quote_volume / volume) end,
    case when volume = 0 then coalesce(trade_count, 0) else trade_count end,
    source,
    is_final,
    is_final and volume = 0 and coalesce(trade_count, 0) = 0
from bronze.ohlcv_native
where interval_start >= :'from'::timestamptz and interval_start < :'to'::timestamptz and interval_seconds = 60
order by
    interval_start,
    symbol,
    exchange,
    quote_asset,
    case
        when proof = 'silence' then 5
        when is_final then case when source = 'ws' then 1 else 2 end
        when volume > 0 or trade_count > 0 then case when source = 'ws' then 3 else 4 end
        else case when source = 'ws' then 6 else 7 end
    end,
    trade_count desc nulls last,
    case source when 'ws' then 1 when 'rest' then 2 else 3 end,
    volume desc nulls last,
    event_at desc nulls last,
    received_at desc nulls last,
    feed_id nulls last,
    sequence nulls last,
    row nulls last,
    landing_file,
    landing_line;
commit;
