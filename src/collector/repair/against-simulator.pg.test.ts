import { expect, onTestFinished, test } from 'vitest'
import { aRepairBench } from '../../testing/a-repair.ts'
import { aFastClock, aSimulator } from '../../testing/a-simulator.ts'
import { openBroker } from '../broker/open-broker.ts'
import { createRestClient } from '../broker/rest-client.ts'
import { mapperOf } from '../exchange/index.ts'
import type { Fault } from '../simulator/faults/fault.ts'
import { simulatedInstruments } from '../simulator/index.ts'
import { type BackfillEvent, type BackfilledInstrument, runBackfill } from './backfill.ts'
import type { MinuteRange } from './minute-ranges.ts'

const NOON_MS = Date.parse('2024-05-01T12:00:00Z')
const HOUR_MS = 3_600_000
/** Busy and quiet ones. */
const instruments = simulatedInstruments.filter(({ symbol }) => ['BTC-USD', 'DOT-USD'].includes(symbol))

interface Fill {
  readonly range: MinuteRange
  readonly faults?: readonly Fault[]
  readonly factor?: number
  readonly exchanges?: readonly string[]
  readonly skewMs?: number
}

/** Fills a range of a simulated market's REST into bronze; the market's own truth is beside it. */
async function filled({
  range,
  faults = [],
  factor = 60,
  exchanges = ['kraken', 'binance_us'],
  skewMs = 0,
}: Fill) {
  const clock = aFastClock(factor, '2024-05-01T12:10:00Z')
  const simulator = await aSimulator({ clock, faults, skewMs })
  const bench = await aRepairBench()
  const repaired = (['kraken', 'binance_us'] as const).flatMap((exchange) => {
    const mapper = exchanges.includes(exchange) ? mapperOf(exchange) : undefined
    return mapper ? [{ mapper, restUrl: simulator.urls[exchange].rest }] : []
  })
  const stateDirectory = `${bench.directory}/state`
  const limitsOf = (address: string) => {
    const { mapper } = repaired.find(({ restUrl }) => address.startsWith(restUrl)) ?? repaired[0] ?? {}
    const rest = mapper?.rest.budget ?? { weight: 1, perMs: 1000 }
    return { rest, connect: rest }
  }
  const broker = await openBroker({ stateDirectory, clock, limitsOf })
  onTestFinished(() => broker[Symbol.asyncDispose]())
  const chosen = instruments.filter(({ exchange }) => exchanges.includes(exchange))
  const events: BackfillEvent[] = []
  for await (const event of runBackfill({
    ...{ ...bench.context, ...bench.bronze, range, exchanges: repaired, instruments: chosen, clock },
    client: createRestClient({ broker, clock }),
    load: () => bench.loadLanding(),
  }))
    events.push(event)
  const truth = chosen.flatMap((one) =>
    simulator.truthOf(one, range.fromMs, range.toMs).map((minute) => {
      const { open, high, low, close, volume } = minute
      const at = new Date(minute.startMs).toISOString().slice(0, 16)
      const numbers = [open, high, low, close, volume, minute.tradeCount].map(Number)
      return `${one.exchange} ${one.nativeSymbol} ${at} ${numbers.join(' ')}`
    }),
  )
  const rows = await bench.rows(
    `select exchange, native_symbol, to_char(interval_start at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI'),
        open, high, low, close, volume, trade_count
    from bronze.ohlcv_native where is_final order by 1, 2, 3`,
  )
  return { events, simulator, rows, truth: truth.sort() }
}

function summaryOf(events: readonly BackfillEvent[]): readonly BackfilledInstrument[] {
  const last = events.at(-1)
  return last?.type === 'summary' ? last.instruments : []
}

test('hours of both exchanges, quiet minutes and trades of the night too, are the truth minute for minute', async () => {
  const { rows, truth } = await filled({
    range: { fromMs: NOON_MS - 13 * HOUR_MS, toMs: NOON_MS },
  })

  expect(truth).toHaveLength(4 * 13 * 60)
  expect(rows.sort()).toEqual(truth)
})

test('whatever REST does wrong, what becomes final is the truth, and all of it comes in the end', async () => {
  const faults: Fault[] = [
    { kind: 'server-error', times: 2 },
    { kind: 'error-body', times: 2 },
    { kind: 'rate-limit', retryAfterMs: 5000 },
    { kind: 'slow-body', overMs: 60_000 },
  ]
  const { rows, truth, events, simulator } = await filled({
    range: { fromMs: NOON_MS - HOUR_MS, toMs: NOON_MS },
    faults,
  })

  for (const row of rows) expect(truth).toContain(row)
  expect(summaryOf(events).reduce((sum, { open }) => sum + open, 0)).toBe(0)
  expect(rows.sort()).toEqual(truth)
  for (const { kind } of faults) expect(simulator.counts()[kind], kind).toBeGreaterThan(0)
})

test.each([
  ['ahead', 2000],
  ['behind', -2000],
])('an exchange whose clock is 2 s %s gives no running candle as final', async (_, skewMs) => {
  const { rows, simulator } = await filled({
    range: { fromMs: NOON_MS, toMs: NOON_MS + 30 * 60_000 },
    factor: 20,
    skewMs,
  })

  const last =
    rows
      .map((row) => row.split(' ')[2] ?? '')
      .sort()
      .at(-1) ?? ''
  expect(rows.length).toBeGreaterThan(0)
  expect(Date.parse(`${last}Z`) + 120_000).toBeLessThanOrEqual(simulator.now() + skewMs)
})
