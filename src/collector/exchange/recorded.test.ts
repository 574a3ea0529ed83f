import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mapperOf } from './index.ts'
import type { RestAnswer } from './mapper.ts'

const DATA = join(process.env.KX_TEST_DATA ?? resolve('../shared/data'), 'rest')
const isThere = existsSync(DATA)
if (!isThere)
  process.stderr.write(`SKIPPED: no recorded answers at ${DATA}; set KX_TEST_DATA to test with them\n`)

const read = (file: string) => readFileSync(join(DATA, file), 'utf8')

function answered<Value>(answer: RestAnswer<Value> | undefined): Value {
  if (!answer?.ok) throw new Error(answer?.reason)
  return answer.value
}

describe.skipIf(!isThere)('answers that were recorded', () => {
  test("Kraken's 721 candles: 216 minutes without a trade, none missing, the last one running", () => {
    const body = read('kraken_ohlc_XBTUSDT_2025-11-10.json')
    const rows = answered(
      mapperOf('kraken')?.rest.parseCandles(body, { nativeSymbol: 'BTC/USDT', fromMs: 0, toMs: 0 }),
    )

    const quiet = rows.filter(({ prices }) => prices.tradeCount === '0')
    expect(rows.map(({ startMs }) => startMs)).toEqual(rows.map((_, i) => 1762777020000 + i * 60_000))
    expect([rows.length, quiet.length, rows.at(-1)?.startMs]).toEqual([721, 216, 1762820220000])
    expect(quiet.every(({ prices }) => prices.vwap === undefined)).toBe(true)
    for (const { raw, prices } of rows) {
      const [, open, high, low, close, vwap, volume, count] = JSON.parse(raw)
      expect({ ...prices, vwap: prices.vwap ?? '0.0' }).toEqual({
        ...{ open, high, low, close, volume, vwap, tradeCount: String(count), quoteVolume: undefined },
      })
    }
  })

  test('a page of Binance.US: a thousand minutes, quiet ones flat, each with its own text', () => {
    const body = read('binanceus_klines_BTCUSDT_2023-03-11.json')
    const rows = answered(
      mapperOf('binance_us')?.rest.parseCandles(body, { nativeSymbol: 'BTCUSDT', fromMs: 0, toMs: 0 }),
    )

    expect(rows.map(({ startMs }) => startMs)).toEqual(rows.map((_, i) => 1678492800000 + i * 60_000))
    expect(rows).toHaveLength(1000)
    expect(rows.map(({ raw }) => raw).join(',')).toBe(body.trim().slice(1, -1))
    expect(rows.map(({ prices }) => prices.quoteVolume)).toEqual(
      (JSON.parse(body) as string[][]).map((row) => row[7]),
    )
  })

  test("Kraken's pairs by the names of its WebSocket", () => {
    const body = read('kraken_assetpairs_2026-09-25_5pairs.json')

    expect(
      answered(mapperOf('kraken')?.rest.parseSymbols(body)).map(
        ({ nativeSymbol, aliases, status }) => `${nativeSymbol} ${status} ${aliases.join(' ')}`,
      ),
    ).toEqual([
      'BTC/USD online XBTUSD XXBTZUSD XBT/USD',
      'DOGE/USD online XDGUSD XDG/USD',
      'ETH/BTC online ETHXBT XETHXXBT ETH/XBT',
      'SOL/USD online SOLUSD SOL/USD',
      'ACA/EUR cancel_only ACAEUR ACA/EUR',
    ])
  })
})
