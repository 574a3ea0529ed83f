import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TrueCandle } from '../../collector/simulator/server/index.ts'
import { type KeptCollector, keepCollector } from '../chaos/keep-collector.ts'
import { openRig, type Rig } from '../chaos/rig.ts'
import { untilLive } from '../chaos/run-chaos.ts'
import { coverageOf } from '../chaos/verify/coverage.ts'
import { keyOf, type Span, truthOf } from '../chaos/verify/truth.ts'
import { until } from '../chaos/wait.ts'

const MINUTE_MS = 60_000
const FACTOR = 45
const at = (time: string) => Date.parse(`2026-03-10T${time}Z`)
/** Kraken acknowledges BTC/USD and sends nothing of it. */
const silent: Span = { fromMs: at('12:20:00'), toMs: at('12:26:00') }
/** Kraken hangs up in the middle of a minute and takes nobody for longer than its snapshot reaches back. */
const away: Span = { fromMs: at('12:27:30'), toMs: at('12:43:00') }
const endMs = at('13:00:00')

interface Row {
  readonly start_ms: string
  readonly source: string
  readonly is_final: boolean
  readonly proof: string | null
  readonly close: number
  readonly volume: number
  readonly trade_count: string
}

// It brings its own warehouse: a second run on another server would show nothing new.
describe.skipIf(process.env.KX_TEST_DATABASE_URL)('what exchanges do wrong is repaired', () => {
  let rig: Rig
  let collector: KeptCollector
  let truth: Map<string, TrueCandle>
  let second: { readonly code: unknown; readonly said: string }

  beforeAll(async () => {
    rig = await openRig({ seed: 3, coins: 4, factor: FACTOR, atMs: at('12:15:00') })
    collector = keepCollector(rig)
    await untilLive(rig, 30_000)
    const process = rig.kx(['collect'])
    second = { code: await process.ended, said: process.log() }
    const wait = (untilMs: number) => rig.time.clock.sleep(untilMs - rig.simulator.now())
    await wait(silent.fromMs)
    const forMs = silent.toMs - silent.fromMs
    void rig.simulator.inject({ kind: 'silence', exchange: 'kraken', symbol: 'BTC/USD', forMs })
    void rig.simulator.inject({
      kind: 'corrupt',
      exchange: 'binance_us',
      symbol: 'BTCUSDT',
      target: 'closing',
    })
    await wait(away.fromMs)
    void rig.simulator.inject({ kind: 'refuse-connect', exchange: 'kraken', forMs: away.toMs - away.fromMs })
    void rig.simulator.inject({ kind: 'drop', exchange: 'kraken', connection: 'all' })
    await wait(endMs + 4 * MINUTE_MS)
    truth = truthOf(rig, { fromMs: at('12:17:00'), toMs: endMs })
    await using warehouse = await rig.openWarehouse()
    await until('every minute to be final', 40_000, async () => {
      const { final, expected } = await coverageOf(warehouse, 'bronze.ohlcv_native', truth)
      return final === expected
    })
    // What nothing is missing of says so.
    expect((await rig.status())?.exchanges.map(({ openMinutes }) => openMinutes)).not.toContain(null)
    expect(await collector.stop(40_000)).toBe(0)
    expect(await rig.kx(['run']).ended).toBe(0)
  }, 200_000)

  afterAll(async () => {
    await collector[Symbol.asyncDispose]()
    await rig[Symbol.asyncDispose]()
  }, 30_000)

  async function rowsOf(exchange: string, nativeSymbol: string, { fromMs, toMs }: Span): Promise<Row[]> {
    await using warehouse = await rig.openWarehouse()
    const { rows } = await warehouse.query<Row>(
      `select (extract(epoch from interval_start) * 1000)::bigint as start_ms, source, is_final, proof, close,
        volume, trade_count
      from bronze.ohlcv_native
      where exchange = $1 and native_symbol = $2 and interval_start >= to_timestamp($3::float8)
        and interval_start < to_timestamp($4::float8)
      order by interval_start, trade_count`,
      [exchange, nativeSymbol, fromMs / 1000, toMs / 1000],
    )
    return rows
  }
  const isTrue = (exchange: string, nativeSymbol: string, row: Row): boolean => {
    const candle = truth.get(keyOf(exchange, nativeSymbol, Number(row.start_ms)))
    return (
      candle !== undefined &&
      [row.close, row.volume, Number(row.trade_count)].join() ===
        [Number(candle.close), Number(candle.volume), candle.tradeCount].join()
    )
  }

  test('a second kx collect on the same state directory exits 2 and names the first', () => {
    expect(second.code).toBe(2)
    expect(second.said).toContain('KX_COLLECT_BUSY')
    expect(second.said).toContain(`pid ${collector.starts[0]?.pid}`)
  })

  test('a symbol of Kraken that is acknowledged and silent makes no quiet candle', async () => {
    const rows = await rowsOf('kraken', 'BTC/USD', { ...silent, fromMs: silent.fromMs + MINUTE_MS })

    // All that is final is true: by REST, or by the snapshot that a new subscription begins with.
    const finals = rows.filter(({ is_final }) => is_final)
    expect(finals.filter((row) => !isTrue('kraken', 'BTC/USD', row))).toEqual([])
    expect(new Set(finals.map(({ start_ms }) => start_ms)).size).toBe(5)
  })

  test('a candle that a dropped socket of Kraken cut short is repaired by REST', async () => {
    const minute = Math.floor(away.fromMs / MINUTE_MS) * MINUTE_MS
    const rows = await rowsOf('kraken', 'BTC/USD', { fromMs: minute, toMs: minute + MINUTE_MS })
    const sent = rows.filter(({ source }) => source === 'ws')

    expect(sent.length).toBeGreaterThan(0)
    expect(sent.some(({ is_final }) => is_final)).toBe(false)
    expect(sent.some((row) => isTrue('kraken', 'BTC/USD', row))).toBe(false)
    const finals = rows.filter(({ is_final }) => is_final)
    expect(new Set(finals.map(({ source }) => source))).toEqual(new Set(['rest']))
    expect(finals.every((row) => isTrue('kraken', 'BTC/USD', row))).toBe(true)
  })

  test('a closing frame of Binance that cannot be read is a dead letter, and its minute is repaired', async () => {
    const struck: number[] = []
    for await (const one of rig.simulator.log.read())
      if (one.type === 'frame' && one.fate === 'corrupted') struck.push(...one.startsMs)
    const [minute = 0] = struck
    const rows = await rowsOf('binance_us', 'BTCUSDT', { fromMs: minute, toMs: minute + MINUTE_MS })

    expect(struck).toHaveLength(1)
    const finals = rows.filter(({ is_final }) => is_final)
    expect(new Set(finals.map(({ source }) => source))).toEqual(new Set(['rest']))
    expect(finals.every((row) => isTrue('binance_us', 'BTCUSDT', row))).toBe(true)
    expect([...rig.store.objects.keys()].filter((key) => key.startsWith('dead-letters/'))).toHaveLength(1)
  })

  test('bronze dropped and rebuilt from the store gives the same silver bit for bit', async () => {
    const silver = async () => {
      await using warehouse = await rig.openWarehouse()
      const { rows } = await warehouse.query<{ rows: string; sum: string }>(
        `select count(*) as rows, md5(string_agg(candle::text, E'\\n' order by interval_start, exchange, symbol, quote_asset)) as sum
        from silver.fact_ohlcv as candle`,
      )
      return rows
    }
    const before = await silver()
    {
      await using warehouse = await rig.openWarehouse()
      await warehouse.query('drop schema bronze, silver, gold, marts, kx cascade')
    }

    expect(await rig.kx(['load', `s3://${rig.store.settings.bucket}/`]).ended).toBe(0)
    expect(await rig.kx(['run']).ended).toBe(0)
    expect(await silver()).toEqual(before)
    expect(Number(before[0]?.rows)).toBeGreaterThan(300)
  }, 60_000)
})
