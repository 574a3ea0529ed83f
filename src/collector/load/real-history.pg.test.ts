import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { aLoadBench, summaryOf } from '../../testing/a-load.ts'

const data = process.env.KX_TEST_DATA ?? resolve('../shared/data')
const candles = join(data, 'candles')
const isThere = existsSync(candles)
if (!isThere)
  process.stderr.write(`SKIPPED: no real candles at ${candles}; set KX_TEST_DATA to test with them\n`)

describe.skipIf(!isThere)('36 hours of real archives', () => {
  test('have every minute of every instrument, quiet ones proven', async () => {
    const bench = await aLoadBench()

    const summary = summaryOf(await bench.load({ paths: [candles] }))
    const again = summaryOf(await bench.load({ paths: [candles] }))

    expect(summary).toMatchObject({ files: 10, rows: 15_120, quietRows: 463, badLines: 0, unlisted: [] })
    expect(again).toMatchObject({ rows: 0, duplicateRows: 15_120, duplicateFiles: 10 })
    expect(
      await bench.rows(
        `select exchange, native_symbol, count(*), count(distinct interval_start), count(*) filter (where proof = 'silence')
        from bronze.ohlcv_native group by 1, 2 order by 1, 2`,
      ),
    ).toEqual([
      'binance_us BTCUSDC 2160 2160 0',
      'binance_us BTCUSDT 2160 2160 0',
      'binance_us USDCUSDT 2160 2160 0',
      'kraken BTC/USD 2160 2160 0',
      'kraken BTC/USDC 2160 2160 322',
      'kraken USDC/USD 2160 2160 141',
      'kraken USDT/USD 2160 2160 0',
    ])
  })

  test('read exactly as Postgres reads the same text', async () => {
    const bench = await aLoadBench()
    const file = join(candles, 'kraken_ohlcvt/XBTUSDC_1.csv')
    await bench.load({ paths: [file] })
    await using session = await bench.warehouse.session()
    await session.query(
      'create table public.plain (s bigint, o float8, h float8, l float8, c float8, v float8, n bigint)',
    )
    const stream = session.copyIn('copy public.plain from stdin (format csv)')
    const { createReadStream } = await import('node:fs')
    const { pipeline } = await import('node:stream/promises')
    await pipeline(createReadStream(file), stream)

    const { rows } = await session.query(
      `select count(*)::int as n from public.plain
      inner join bronze.ohlcv_native as b on b.interval_start = to_timestamp(s)
      where (o, h, l, c, v, n) = (b.open, b.high, b.low, b.close, b.volume, b.trade_count)`,
    )

    expect(rows).toEqual([{ n: 1838 }])
  })
})
