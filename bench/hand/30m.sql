-- hand_gold.ohlcv_15m -> hand_gold.ohlcv_30m, for :from <= interval_start < :to. Running it twice gives the same rows.
begin;
delete from hand_gold.ohlcv_30m
where interval_start >= :'from'::timestamptz and interval_start < :'to'::timestamptz;

insert into hand_gold.ohlcv_30m (
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
        date_bin('30 minutes', interval_start, '2000-01-01T00:00:00Z') as bucket_start,
        symbol,
        exchange,
        quote_asset,
        coalesce(
            max(open) filter (where interval_start = date_bin('30 minutes', interval_start, '2000-01-01T00:00:00Z')),
            max(open) filter (where interval_start = date_bin('30 minutes', interval_start, '2000-01-01T00:00:00Z') + interval '15 minutes')
        ) as open,
        max(high) as high,
        min(low) as low,
        coalesce(
            max(close) filter (where interval_start = date_bin('30 minutes', interval_start, '2000-01-01T00:00:00Z') + interval '15 minutes'),
            max(close) filter (where interval_start = date_bin('30 minutes', interval_start, '2000-01-01T00:00:00Z'))
        ) as close,
        coalesce(max(volume) filter (where interval_start = date_bin('30 minutes', interval_start, '2000-01-01T00:00:00Z')), 0)
        + coalesce(max(volume) filter (where interval_start = date_bin('30 minutes', interval_start, '2000-01-01T00:00:00Z') + interval '15 minutes'), 0) as volume,
        case
            when count(quote_volume) = count(*)
                then coalesce(max(quote_volume) filter (where interval_start = date_bin('30 minutes', interval_start, '2000-01-01T00:00:00Z')), 0)
                + coalesce(max(quote_volume) filter (where interval_start = date_bin('30 minutes', interval_start, '2000-01-01T00:00:00Z') + interval '15 minutes'), 0)
        end as quote_volume,
        case when count(trade_count) = count(*) then sum(trade_count)::bigint end as trade_count,
        sum(minutes_present)::integer as minutes_present
    from hand_gold.ohlcv_15m
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
            when listed @> tstzrange(bucket_start, bucket_start + interval '30 minutes') then 30
            else coalesce((
                select sum(ceil(date_part('epoch', upper(part)) / 60) - ceil(date_part('epoch', lower(part)) / 60))
                from unnest(
                    listed * tstzmultirange(tstzrange(bucket_start, bucket_start + interval '30 minutes'))
                ) as part
            ), 0)::integer
        end as minutes_expected
) as expected;
commit;
