-- Empty tables for the hand-written SQL: the columns and keys of silver.fact_ohlcv and gold.ohlcv_*.
-- Then, one day at a time (a month's sort does not fit in work_mem), with psql -v from=… -v to=…:
--   silver.sql, 5m.sql, 15m.sql, 30m.sql, 1h.sql, 1d.sql
drop schema if exists hand_silver, hand_gold cascade;
create schema hand_silver;
create schema hand_gold;

create table hand_silver.fact_ohlcv (
    interval_start timestamptz not null,
    symbol text collate "C" not null,
    exchange text collate "C" not null,
    quote_asset text collate "C" not null,
    native_symbol text collate "C" not null,
    open double precision not null,
    high double precision not null,
    low double precision not null,
    close double precision not null,
    volume double precision not null,
    quote_volume double precision,
    vwap double precision,
    trade_count bigint,
    source text collate "C" not null,
    is_final boolean not null,
    is_quiet boolean not null,
    unique (interval_start, symbol, exchange, quote_asset)
);

create table hand_gold.ohlcv_5m (
    interval_start timestamptz not null,
    symbol text collate "C" not null,
    exchange text collate "C" not null,
    quote_asset text collate "C" not null,
    open double precision not null,
    high double precision not null,
    low double precision not null,
    close double precision not null,
    volume double precision not null,
    quote_volume double precision,
    vwap double precision,
    trade_count bigint,
    minutes_present integer not null,
    minutes_expected integer not null,
    is_complete boolean not null,
    source text collate "C" not null,
    unique (interval_start, symbol, exchange, quote_asset)
);

create table hand_gold.ohlcv_15m (
    interval_start timestamptz not null,
    symbol text collate "C" not null,
    exchange text collate "C" not null,
    quote_asset text collate "C" not null,
    open double precision not null,
    high double precision not null,
    low double precision not null,
    close double precision not null,
    volume double precision not null,
    quote_volume double precision,
    vwap double precision,
    trade_count bigint,
    minutes_present integer not null,
    minutes_expected integer not null,
    is_complete boolean not null,
    source text collate "C" not null,
    unique (interval_start, symbol, exchange, quote_asset)
);

create table hand_gold.ohlcv_30m (
    interval_start timestamptz not null,
    symbol text collate "C" not null,
    exchange text collate "C" not null,
    quote_asset text collate "C" not null,
    open double precision not null,
    high double precision not null,
    low double precision not null,
    close double precision not null,
    volume double precision not null,
    quote_volume double precision,
    vwap double precision,
    trade_count bigint,
    minutes_present integer not null,
    minutes_expected integer not null,
    is_complete boolean not null,
    source text collate "C" not null,
    unique (interval_start, symbol, exchange, quote_asset)
);

create table hand_gold.ohlcv_1h (
    interval_start timestamptz not null,
    symbol text collate "C" not null,
    exchange text collate "C" not null,
    quote_asset text collate "C" not null,
    open double precision not null,
    high double precision not null,
    low double precision not null,
    close double precision not null,
    volume double precision not null,
    quote_volume double precision,
    vwap double precision,
    trade_count bigint,
    minutes_present integer not null,
    minutes_expected integer not null,
    is_complete boolean not null,
    source text collate "C" not null,
    unique (interval_start, symbol, exchange, quote_asset)
);

create table hand_gold.ohlcv_1d (
    interval_start timestamptz not null,
    symbol text collate "C" not null,
    exchange text collate "C" not null,
    quote_asset text collate "C" not null,
    open double precision not null,
    high double precision not null,
    low double precision not null,
    close double precision not null,
    volume double precision not null,
    quote_volume double precision,
    vwap double precision,
    trade_count bigint,
    minutes_present integer not null,
    minutes_expected integer not null,
    is_complete boolean not null,
    source text collate "C" not null,
    unique (interval_start, symbol, exchange, quote_asset)
);
