import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HOUR_MS, parseTimeRange } from '../../base/index.ts'
import { landingLine } from '../a-load.ts'
import { checkAgreement, checksums } from './agreement.ts'
import { aRealMarket, areCandlesThere, CANDLES, loadArchives, type RealMarket } from './real-market.ts'

const LONG_MS = 120_000

/** 30 hours before the last one. */
const LATE_HOUR = '2023-03-10T17'

const HOURLY = [
  'silver.fact_ohlcv',
  'gold.ohlcv_5m',
  'gold.ohlcv_15m',
  'gold.ohlcv_30m',
  'gold.ohlcv_1h',
  'marts.completeness_hourly',
]

interface PlanLine {
  readonly model: string
  readonly certainty: string
  readonly range: string
}

/** `silver.fact_ohlcv 2023-03-10T17`, a line for each partition that the plan lists. */
function planned(lines: readonly string[], certainty: 'certain' | 'possible'): string[] {
  return lines
    .map((line) => JSON.parse(line) as PlanLine)
    .filter((line) => line.certainty === certainty)
    .flatMap(({ model, range }) => {
      const { startMs, endMs } = parseTimeRange(range)
      const widthMs = model === 'gold.ohlcv_1d' ? 24 * HOUR_MS : HOUR_MS
      return Array.from(
        { length: (endMs - startMs) / widthMs },
        (_, i) => `${model} ${hourOf(startMs + i * widthMs)}`,
      )
    })
    .sort()
}

function hourOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 13)
}

/** Every row of every model with its place on disk: a row that was written has another one. */
async function places(market: RealMarket): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const model of [...HOURLY, 'gold.ohlcv_1d']) {
    const [time, unit] = [
      model.startsWith('marts') ? 'hour_start' : 'interval_start',
      model.endsWith('1d') ? 'day' : 'hour',
    ]
    const rows = await market.rows(
      `select '${model} ' || to_char(date_trunc('${unit}', ${time}), 'YYYY-MM-DD"T"HH24'), ctid || ' ' || xmin || ' ' || t::text from ${model} as t`,
    )
    for (const row of rows) {
      const [name = '', hour = ''] = row.split(' ')
      found.set(row, `${name} ${hour}`)
    }
  }
  return found
}

/** The partitions in which a row was written or went away. */
function written(before: Map<string, string>, after: Map<string, string>): string[] {
  const gone = [...before].filter(([row]) => !after.has(row))
  const come = [...after].filter(([row]) => !before.has(row))
  return [...new Set([...gone, ...come].map(([, partition]) => partition))].sort()
}

async function rebuilt({ rows }: RealMarket): Promise<string[]> {
  return await rows(`select model, to_char(partition_start, 'YYYY-MM-DD"T"HH24') from kx.partition
where run_id = (select run_id from kx.run order by started_at desc limit 1) order by 1, 2`)
}

async function aBuiltKrakenMarket(): Promise<RealMarket> {
  const market = await aRealMarket()
  await loadArchives(market, ['kraken_ohlcvt'])
  const { code, lines } = await market.run()
  expect(code, lines.join('\n')).toBe(0)
  return market
}

describe.skipIf(!areCandlesThere)('on real candles', () => {
  test(
    'a candle 30 hours late rebuilds its hour and what derives from it, as the plan said and nothing else',
    async () => {
      const market = await aBuiltKrakenMarket()
      const fields = {
        interval_start: `${LATE_HOUR}:30:00.000Z`,
        open: '20000',
        high: '20100',
        low: '19900',
        close: '20050',
        vwap: '20001',
      }
      const file = 'late/exchange=kraken/late.jsonl'
      market.write({ [file]: landingLine(0, fields) })
      expect(await market.load(['late'])).toMatchObject({ code: 0 })

      const plan = (await market.plan()).lines.filter((line) => line.startsWith('{'))
      const why = await market.why('fact_ohlcv', LATE_HOUR)
      const before = await places(market)
      const run = await market.run()
      const after = await places(market)

      expect(run.code, run.lines.join('\n')).toBe(0)
      const built = await rebuilt(market)
      const silver = built.filter((partition) => partition.startsWith('silver.'))
      expect(planned(plan, 'certain')).toEqual(silver)
      expect(silver).toEqual([`silver.fact_ohlcv ${LATE_HOUR}`])
      const possible = planned(plan, 'possible')
      expect(
        built.filter((partition) => !silver.includes(partition) && !possible.includes(partition)),
      ).toEqual([])
      expect(possible).toEqual(
        [...HOURLY.slice(1).map((model) => `${model} ${LATE_HOUR}`), 'gold.ohlcv_1d 2023-03-10T00'].sort(),
      )
      expect(written(before, after)).toEqual([...silver, ...possible].sort())
      expect(why.lines.join('\n')).toContain('exchange=kraken/late.jsonl:1')
      expect((await market.run()).lines.at(0)).toContain('"built":0')
      expect(await checkAgreement(market.warehouse)).toEqual([])
    },
    LONG_MS,
  )

  test(
    'half of bronze deleted by hand is a named error of any run, and silver is not touched',
    async () => {
      const market = await aBuiltKrakenMarket()
      const before = await checksums(market.warehouse)
      await using session = await market.warehouse.session()
      await session.query(
        "delete from bronze.ohlcv_native where date_part('minute', interval_start)::int % 2 = 0",
      )

      const one = await market.run({ partition: '2023-03-10T20' })
      await session.query('select pg_stat_force_next_flush()')
      const ends = [
        one,
        await market.run(),
        await market.plan(),
        await market.run({ fullRefresh: true, yes: true }),
      ]

      for (const { code, lines } of ends) {
        expect(code, lines.join('\n')).toBe(1)
        expect(lines.join('\n')).toMatch(
          /KX_SOURCE_SHRUNK.*bronze\.ohlcv_native has 120 rows in 2023-03-1\d.*its ledger says 240/,
        )
      }
      const { bronze: _, 'kx.partition': __, ...after } = await checksums(market.warehouse)
      expect(before).toMatchObject(after)
      expect(await market.load([join(CANDLES, 'kraken_ohlcvt')], { again: true })).toMatchObject({ code: 0 })
      const healed = await market.run()
      expect(healed.code, healed.lines.join('\n')).toBe(0)
      expect(await checksums(market.warehouse)).toEqual(before)
    },
    LONG_MS,
  )
})

/** Every order of some values. */
function permutations<Value>(values: readonly Value[]): Value[][] {
  if (values.length < 2) return [[...values]]
  return values.flatMap((value, i) =>
    permutations([...values.slice(0, i), ...values.slice(i + 1)]).map((rest) => [value, ...rest]),
  )
}

test('a REST candle never replaces a final WebSocket candle, in whatever order they arrive', async () => {
  const market = await aRealMarket()
  const candles = [
    { source: 'ws', is_final: true, close: '1.1', volume: '1', trade_count: '1' },
    { source: 'rest', is_final: true, close: '1.2', volume: '9', trade_count: '9' },
    { source: 'ws', is_final: false, close: '1.3', volume: '9', trade_count: '9' },
    { source: 'rest', is_final: false, close: '1.4', volume: '9', trade_count: '9' },
  ]
  const orders = permutations(candles)
  const winners: string[] = []

  for (const arrival of candles.keys()) {
    const lines = orders.map((order, minute) => landingLine(minute, { ...order[arrival], open: '1' }))
    market.write({ [`landing/exchange=kraken/${arrival}.jsonl`]: lines.join('') })
    expect((await market.load(['landing'])).code).toBe(0)
    expect((await market.run()).code).toBe(0)
    const stored = await market.rows('select close, is_final from silver.fact_ohlcv order by interval_start')
    winners.push(stored.map((row) => row.split(' ')[0]).join(' '))
  }

  const best = (order: typeof candles) => order.map(({ close }) => close).sort()[0]
  expect(winners).toEqual(
    candles.map((_, arrival) => orders.map((order) => best(order.slice(0, arrival + 1))).join(' ')),
  )
})
