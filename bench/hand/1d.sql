-- hand_gold.ohlcv_1h -> hand_gold.ohlcv_1d, for :from <= interval_start < :to. Running it twice gives the same rows.
begin;
delete from hand_gold.ohlcv_1d
where interval_start >= :'from'::timestamptz and interval_start < :'to'::timestamptz;

insert into hand_gold.ohlcv_1d (
    interval_start, symbol, exchange, quote_asset, open, high, low, close, volume,
    quote_volume, vwap, trade_count, minutes_present, minutes_expected, is_complete, source
)
select
    bucket_start,
    candles.symbol,
    candles.exchange,
    candles.quote_asset,
    open,
    high,
    low,
    close,
    volume,
    quote_volume,
    case when volume > 0 then quote_volume / volume end,
    trade_count,
    minutes_present,
    minutes_expected,
    minutes_present >= minutes_expected,
    'derived'
from (
    select
        date_bin('1440 minutes', interval_start, '2000-01-01T00:00:00Z') as bucket_start,
        symbol,
        exchange,
        quote_asset,
        (array_agg(open order by interval_start))[1] as open,
        max(high) as high,
        min(low) as low,
        (array_agg(close order by interval_start desc))[1] as close,
        sum(volume order by interval_start) as volume,
        case
            when count(quote_volume) = count(*)
                then sum(quote_volume order by interval_start)
        end as quote_volume,
        case when count(trade_count) = count(*) then sum(trade_count)::bigint end as trade_count,
        sum(minutes_present)::integer as minutes_present
    from hand_gold.ohlcv_1h
    where interval_start >= :'from'::timestamptz and interval_start < :'to'::timestamptz
    group by bucket_start, symbol, exchange, quote_asset
) as candles
left join (
    select
        symbol,
        exchange,
        quote_asset,
        range_agg(tstzrange(listed_from, listed_to)) as listed
    from bronze.instrument
    where is_expected and listed_from < :'to'::timestamptz and listed_to > :'from'::timestamptz
        and listed_from < listed_to
    group by symbol, exchange, quote_asset
) as listings using (symbol, exchange, quote_asset)
cross join lateral (
    select
        case
            when listed @> tstzrange(bucket_start, bucket_start + interval '1440 minutes') then 1440
            else coalesce((
                select sum(ceil(date_part('epoch', upper(part)) / 60) - ceil(date_part('epoch', lower(part)) / 60))
                from unnest(
                    listed * tstzmultirange(tstzrange(bucket_start, bucket_start + interval '1440 minutes'))
                ) as part
            ), 0)::integer
        end as minutes_expected
) as expected;
commit;
