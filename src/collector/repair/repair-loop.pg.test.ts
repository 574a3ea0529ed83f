import { expect, test } from 'vitest'
import { KxError } from '../../base/index.ts'
import { landingLine, loadInstruments } from '../../testing/a-load.ts'
import { aRepairBench, NOON_MS, type RepairBench, tradedInstruments } from '../../testing/a-repair.ts'
import type { RestMarketOptions } from '../../testing/a-rest-market.ts'
import { anInstrument } from '../../testing/source-tables.ts'
import type { Warehouse } from '../../warehouse/index.ts'
import { MINUTE_MS } from './minute-ranges.ts'
import type { RepairEvent } from './repair-event.ts'
import type { RepairInput } from './repair-input.ts'
import { runRepair } from './repair-loop.ts'

const kraken = tradedInstruments(loadInstruments).slice(0, 1)
/** Longest wait of a test, ms of the machine. */
const BOUND_MS = 20_000

type Options = Partial<RestMarketOptions> &
  Partial<Pick<RepairInput, 'instruments' | 'sinceMs' | 'isLoaded'>> & {
    readonly factor?: number
    readonly startMs?: number
  }

interface Running {
  readonly bench: RepairBench
  readonly events: RepairEvent[]
  /** Waits until something is so. */
  until(isSo: () => boolean | Promise<boolean>): Promise<void>
}

/** Repairs as a collector would, until `act` is through. */
async function whileRepairing(
  options: Options & { readonly through?: (warehouse: Warehouse) => Pick<Warehouse, 'query' | 'target'> },
  act: (running: Running) => Promise<void>,
): Promise<void> {
  const { instruments = kraken, sinceMs = NOON_MS - 60 * MINUTE_MS, isLoaded, through, ...market } = options
  const bench = await aRepairBench({ factor: 60, ...market })
  const stop = new AbortController()
  const events: RepairEvent[] = []
  const warehouse = through ? through(bench.warehouse) : bench.warehouse
  const repair = runRepair({
    ...{ ...bench.context, ...bench.bronze, warehouse, signal: stop.signal },
    ...{ exchanges: bench.exchanges, instruments, sinceMs, settleMs: 3 * MINUTE_MS },
    ...(isLoaded === undefined ? {} : { isLoaded }),
  })
  const reading = (async () => {
    for await (const event of repair) events.push(event)
  })()
  const until: Running['until'] = async (isSo) => {
    const end = performance.now() + BOUND_MS
    while (!(await isSo())) {
      if (performance.now() > end) throw new Error(`not so: ${JSON.stringify(events.slice(-10))}`)
      await bench.clock.sleep(1000)
    }
  }
  try {
    await act({ bench, events, until })
  } finally {
    stop.abort(new Error('the test is over'))
    await reading
  }
}

/** Final minutes of bronze within the hour before noon. */
async function finalMinutes({ rows }: RepairBench): Promise<number> {
  const [count] = await rows(
    `select count(distinct interval_start) from bronze.ohlcv_native
    where is_final and interval_start >= '2024-05-01T11:00Z' and interval_start < '2024-05-01T12:00Z'`,
  )
  return Number(count)
}
const landed = (events: readonly RepairEvent[]) =>
  events.flatMap((event) => (event.type === 'landed' ? [event] : []))
const openOf = (events: readonly RepairEvent[]) =>
  events.flatMap((event) => (event.type === 'open' ? [event.minutes] : [])).at(-1)

test('what is missing is filled, and minutes that pass are watched, but never one that is not over', async () => {
  await whileRepairing({}, async ({ bench, events, until }) => {
    await until(async () => {
      await bench.loadLanding()
      return (
        (await finalMinutes(bench)) === 60 &&
        landed(events).some(({ toMs }) => toMs > NOON_MS + 6 * MINUTE_MS)
      )
    })

    for (const { toMs } of landed(events)) expect(toMs).toBeLessThanOrEqual(bench.clock.now() - MINUTE_MS)
    const wrong = await bench.rows(
      `select interval_start from bronze.ohlcv_native
      where trade_count <> (extract(epoch from interval_start)::bigint / 60) % 4`,
    )
    expect(wrong).toEqual([])
  })
})

test('a minute that was landed is not asked for again while the loader is slow', async () => {
  await whileRepairing({}, async ({ bench, events, until }) => {
    await until(() => landed(events).length > 0)
    const [first] = landed(events)
    await bench.clock.sleep(3 * MINUTE_MS)

    expect(first?.minutes).toBeGreaterThanOrEqual(60)
    const again = landed(events).slice(1)
    for (const { fromMs } of again) expect(fromMs).toBeGreaterThanOrEqual(first?.toMs ?? 0)
  })
})

test('minutes with a final row are not asked for', async () => {
  const lines = Array.from({ length: 60 }, (_, minute) =>
    landingLine(minute, { interval_start: new Date(NOON_MS + (minute - 60) * MINUTE_MS).toISOString() }),
  )
  let isLoaded = false
  await whileRepairing({ isLoaded: () => isLoaded }, async ({ bench, events, until }) => {
    const folder = 'exchange=kraken/symbol=BTC-USD/interval_minutes=1/year=2024/month=05/day=01/hour=11'
    bench.write(`landing/${folder}/part-c-b-1-0.jsonl`, lines.join(''))
    await bench.loadLanding()
    // Until the loader has caught up nobody knows what is missing.
    expect(events).toEqual([])
    isLoaded = true
    await until(() => events.length > 0)
    // None of the hour's: those of the minutes since noon are open.
    expect(openOf(events)).toBeLessThan(60)

    await until(() => landed(events).length > 0)

    expect(Math.min(...landed(events).map(({ fromMs }) => fromMs))).toBe(NOON_MS)
  })
})

test('without Postgres nothing is asked for; it goes on by itself when Postgres is back', async () => {
  let isAway = true
  const through = (warehouse: Warehouse): Pick<Warehouse, 'query' | 'target'> => ({
    target: warehouse.target,
    async query(...asked) {
      if (isAway) throw new KxError('KX_WAREHOUSE_UNREACHABLE', 'the server is gone', { hint: 'Wait.' })
      return await warehouse.query(...asked)
    },
  })
  await whileRepairing({ through }, async ({ bench, events, until }) => {
    await until(() => events.length > 0)
    await bench.clock.sleep(MINUTE_MS)
    expect(events).toEqual([{ type: 'paused', reason: 'the server is gone' }])
    expect(bench.market.asked.filter((path) => path.includes('OHLC'))).toEqual([])

    isAway = false

    await until(() => landed(events).length > 0)
    expect(events[1]).toEqual({ type: 'resumed' })
  })
})

test('an exchange that is down costs no minute its turn: all is filled when it is back', async () => {
  let isDown = true
  const fault: RestMarketOptions['fault'] = (_, response) => {
    if (isDown) response.writeHead(503).end()
    return isDown
  }
  await whileRepairing({ fault }, async ({ bench, events, until }) => {
    await until(() => events.filter(({ type }) => type === 'fault').length >= 3)
    expect(landed(events)).toEqual([])

    isDown = false

    await until(async () => {
      await bench.loadLanding()
      return (await finalMinutes(bench)) === 60
    })
  })
})

test('an unknown symbol is reported by name, stays open and does not hold up the others', async () => {
  const luna = anInstrument({ nativeSymbol: 'LUNA/USD', symbol: 'LUNA-USD', aliases: [] })
  await whileRepairing({ instruments: [luna, ...kraken] }, async ({ bench, events, until }) => {
    await until(() => landed(events).length > 0)
    await bench.clock.sleep(2 * MINUTE_MS)

    const faults = events.flatMap((event) => (event.type === 'fault' ? [event] : []))
    expect(faults.filter(({ nativeSymbol }) => nativeSymbol === 'LUNA/USD')).toMatchObject([
      { fault: 'unknown_symbol', waitMs: 3_600_000 },
    ])
    expect(openOf(events)).toBeGreaterThanOrEqual(60)
  })
})

test('live minutes are asked for before older ones, and older ones are built from trades', async () => {
  await whileRepairing({ sinceMs: NOON_MS - 14 * 60 * MINUTE_MS }, async ({ bench, events, until }) => {
    await until(() => landed(events).some(({ by }) => by === 'trades'))

    const [first] = landed(events)
    expect(first).toMatchObject({ by: 'candles' })
    expect(first?.fromMs).toBeGreaterThanOrEqual(NOON_MS - 180 * MINUTE_MS)
    expect(bench.market.asked.findIndex((path) => path.includes('Trades'))).toBeGreaterThan(1)
  })
})

test('a page that nobody understands holds up no other one, and is asked for again', async () => {
  const binance = tradedInstruments(loadInstruments).slice(1)
  const sinceMs = NOON_MS - 24 * 60 * MINUTE_MS
  const isBad = (url: URL) => url.searchParams.get('startTime') === String(sinceMs)
  const fault: RestMarketOptions['fault'] = (url, response) => {
    if (isBad(url)) response.writeHead(200).end('<html>')
    return isBad(url)
  }
  await whileRepairing({ instruments: binance, sinceMs, fault, factor: 240 }, async ({ events, until }) => {
    await until(() => landed(events).some(({ fromMs }) => fromMs === sinceMs + 700 * MINUTE_MS))

    const faults = () => events.filter(({ type }) => type === 'fault').length
    const before = faults()
    await until(() => faults() > before)
    expect(openOf(events)).toBeGreaterThanOrEqual(700)
  })
})

test('what no answer holds is asked for again after a minute and after ten, and reported each hour', async () => {
  const gone = NOON_MS - 30 * MINUTE_MS
  const fault: RestMarketOptions['fault'] = (url, response) => {
    if (!url.pathname.includes('OHLC')) return false
    response.writeHead(200).end('{"error":[],"result":{"BTC/USD":[],"last":0}}')
    return true
  }
  const listed = kraken.map((one) => ({ ...one, listedFromMs: gone, listedToMs: gone + 3 * MINUTE_MS }))
  await whileRepairing({ instruments: listed, fault, factor: 120 }, async ({ bench, events, until }) => {
    const asked = () => bench.market.asked.filter((path) => path.includes('OHLC')).length
    await until(() => asked() === 3)
    const atMs = bench.clock.now()
    expect(atMs - NOON_MS).toBeGreaterThan(5 * MINUTE_MS + 11 * MINUTE_MS - 30_000)
    expect(openOf(events)).toBe(3)
  })
})

test('each hour, once it is settled, what is open is reported', async () => {
  const luna = anInstrument({ nativeSymbol: 'LUNA/USD', symbol: 'LUNA-USD', aliases: [] })
  const startMs = NOON_MS + 61 * MINUTE_MS
  await whileRepairing({ instruments: [luna], startMs }, async ({ events, until }) => {
    await until(() => events.some(({ type }) => type === 'hour'))

    expect(events.find(({ type }) => type === 'hour')).toMatchObject({
      hourMs: NOON_MS,
      open: [
        {
          nativeSymbol: 'LUNA/USD',
          fromMs: NOON_MS - 60 * MINUTE_MS,
          fault: 'unknown_symbol',
          givenUp: 0,
        },
      ],
    })
  })
})

test('an hour is not reported as long as bronze does not show what the landing has', async () => {
  let isLoaded = false
  const startMs = NOON_MS + 62 * MINUTE_MS
  await whileRepairing({ isLoaded: () => isLoaded, startMs }, async ({ bench, events, until }) => {
    await bench.clock.sleep(4 * MINUTE_MS)
    expect(events.filter(({ type }) => type === 'hour')).toEqual([])

    isLoaded = true

    await until(() => events.some(({ type }) => type === 'hour'))
  })
})
