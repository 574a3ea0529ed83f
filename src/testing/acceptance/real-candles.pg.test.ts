import { describe, expect, test } from 'vitest'
import { checkAgreement, checksums } from './agreement.ts'
import { type HandCandle, type HandCandles, minutesOf, wider } from './candles-by-hand.ts'
import {
  aRealMarket,
  areCandlesThere,
  CANDLES,
  loadArchives,
  loadCsv,
  type RealMarket,
} from './real-market.ts'
import type { Ended } from './small-market.ts'

const LONG_MS = 120_000

/** What went wrong with commands that should have gone well. */
function failures(ends: readonly Ended[]): string[] {
  return ends.filter(({ code }) => code !== 0).map(({ code, lines }) => `exit ${code}: ${lines.join('\n')}`)
}

interface StoredCandle extends HandCandle {
  readonly instrument: string
  readonly ms: number
  readonly vwap: number | null
}

/** A candle in one line, the same for Postgres's numbers and for those computed here. */
function lineOf(candle: StoredCandle): string {
  const { instrument, ms, open, high, low, close, volume, quoteVolume, vwap, trades, minutes } = candle
  const values = [open, high, low, close, volume, quoteVolume, vwap, trades, minutes]
  return [instrument, new Date(ms).toISOString(), ...values].join(' ')
}

function linesByHand(candles: HandCandles): string[] {
  return [...candles].flatMap(([instrument, byStart]) =>
    [...byStart].map(([ms, candle]) => {
      const { volume, quoteVolume } = candle
      const vwap = volume > 0 && quoteVolume !== null ? quoteVolume / volume : null
      return lineOf({ ...candle, instrument, ms, vwap })
    }),
  )
}

async function linesInWarehouse({ warehouse }: RealMarket, table: string): Promise<string[]> {
  const minutes = table === 'silver.fact_ohlcv' ? '1' : 'minutes_present'
  const { rows } = await warehouse.query<StoredCandle>(
    `select concat_ws(' ', exchange, symbol, quote_asset) as instrument, date_part('epoch', interval_start) * 1000 as ms,
    open, high, low, close, volume, quote_volume as "quoteVolume", vwap, trade_count as trades, ${minutes} as minutes
from ${table}`,
  )
  return rows.map(lineOf)
}

/** What silver and every gold table hold that the files do not say, and the other way round. */
async function differencesFromFiles(market: RealMarket): Promise<string[]> {
  let candles = minutesOf(CANDLES)
  const found: string[] = []
  for (const [table, minutes] of TABLES) {
    candles = wider(candles, minutes)
    found.push(...differences(await linesInWarehouse(market, table), linesByHand(candles)))
  }
  return found
}

/** The first differences of two lists whose order does not matter. */
function differences(actual: readonly string[], expected: readonly string[]): string[] {
  const [have, want] = [new Set(actual), new Set(expected)]
  const lines = [
    ...actual.filter((line) => !want.has(line)).map((line) => `kx has    ${line}`),
    ...expected.filter((line) => !have.has(line)).map((line) => `files say ${line}`),
  ]
  if (actual.length !== expected.length) lines.unshift(`${actual.length} rows instead of ${expected.length}`)
  return lines.slice(0, 10)
}

/** Each is derived from the one before. */
const TABLES = [
  ['silver.fact_ohlcv', 1],
  ['gold.ohlcv_5m', 5],
  ['gold.ohlcv_15m', 15],
  ['gold.ohlcv_30m', 30],
  ['gold.ohlcv_1h', 60],
  ['gold.ohlcv_1d', 1440],
] as const

/** Minutes without a trade, sent or left out. */
function quietMinutes(): number {
  const minutes = [...minutesOf(CANDLES).values()].flatMap((byStart) => [...byStart.values()])
  return minutes.filter(({ volume }) => volume === 0).length
}

describe.skipIf(!areCandlesThere)('36 hours of real candles', () => {
  test(
    'give every minute of every instrument once, gold as computed from the files, and nothing new when repeated',
    async () => {
      const market = await aRealMarket()
      const ends = [...(await loadArchives(market)), ...(await loadCsv(market)), await market.run()]

      expect(failures(ends)).toEqual([])
      expect(
        await market.rows(
          `select concat_ws(' ', exchange, symbol, quote_asset), count(*), count(distinct interval_start), min(interval_start), max(interval_start)
from silver.fact_ohlcv group by 1 having (count(*), count(distinct interval_start), min(interval_start), max(interval_start))
    <> (2160, 2160, '2023-03-10T12:00Z', '2023-03-11T23:59Z')`,
        ),
      ).toEqual([])
      expect(await differencesFromFiles(market)).toEqual([])
      expect(
        await market.rows('select sum(missing), sum(unfinished), sum(quiet) from marts.completeness_hourly'),
      ).toEqual([`0 0 ${quietMinutes()}`])

      const before = [
        await checksums(market.warehouse),
        await market.rows('select max(version) from kx.change'),
      ]
      const again = [...(await loadArchives(market)), ...(await loadCsv(market)), await market.run()]
      expect(failures(again)).toEqual([])
      expect([
        await checksums(market.warehouse),
        await market.rows('select max(version) from kx.change'),
      ]).toEqual(before)
      expect(await checkAgreement(market.warehouse)).toEqual([])
    },
    LONG_MS,
  )

  test(
    'give the same rows in whatever order and portions they come',
    async () => {
      const market = await aRealMarket()
      const ends = [
        ...(await loadCsv(market)),
        ...(await loadArchives(market, ['kraken_ohlcvt/USDTUSD_1.csv'])),
        await market.run(),
        ...(await loadArchives(market, ['kraken_ohlcvt'])),
        await market.run({ partition: '2023-03-11T00..2023-03-11T05' }),
        ...(await loadArchives(market, ['binance_us_archive'])),
        await market.run(),
      ]

      expect(failures(ends)).toEqual([])
      expect(await differencesFromFiles(market)).toEqual([])
    },
    LONG_MS,
  )
})
