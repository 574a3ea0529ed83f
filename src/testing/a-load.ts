import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { syncInstruments } from '../collector/instruments/index.ts'
import { type LoadEvent, type LoadOptions, loadFiles } from '../collector/load/index.ts'
import { ensureSourceTables, type SourceTable, type Warehouse } from '../warehouse/index.ts'
import { aWarehouse } from './database.ts'
import {
  anInstrument,
  candleTable,
  eventTable,
  instrumentTable,
  tickTable,
  uptimeTable,
} from './source-tables.ts'

/** The instruments that loads of tests know. */
export const loadInstruments = [
  anInstrument(),
  anInstrument({ nativeSymbol: 'BTC/USDC', quoteAsset: 'USDC', aliases: ['XBTUSDC'] }),
  anInstrument({ nativeSymbol: 'USDC/USD', symbol: 'USDC-USD', aliases: ['USDCUSD'] }),
  anInstrument({ nativeSymbol: 'USDT/USD', symbol: 'USDT-USD', aliases: ['USDTUSD'] }),
  anInstrument({ exchange: 'binance_us', nativeSymbol: 'BTCUSDT', quoteAsset: 'USDT', aliases: [] }),
  anInstrument({ exchange: 'binance_us', nativeSymbol: 'BTCUSDC', quoteAsset: 'USDC', aliases: [] }),
  anInstrument({
    exchange: 'binance_us',
    nativeSymbol: 'USDCUSDT',
    symbol: 'USDC-USD',
    quoteAsset: 'USDT',
    aliases: [],
  }),
  anInstrument({
    exchange: 'binance_us',
    nativeSymbol: '1000REKTUSDT',
    symbol: 'REKT-USD',
    multiplier: 1000,
    quoteAsset: 'USDT',
    aliases: [],
  }),
]

/** A directory with files to load and a warehouse to load them into. */
export interface LoadBench {
  readonly warehouse: Warehouse
  readonly directory: string
  /** Writes a file below the directory; gives its path. */
  write(name: string, content: string | Uint8Array): string
  /** Loads the directory, or `paths`, through this warehouse or another one. */
  load(
    options?: Partial<LoadOptions> & {
      readonly paths?: readonly string[]
      readonly through?: Warehouse
      readonly tables?: readonly SourceTable[]
    },
  ): Promise<LoadEvent[]>
  /** Rows of a query, each as text with blanks between. */
  rows(sql: string): Promise<string[]>
}

/** A bench with bronze and its instruments in place. */
export async function aLoadBench(): Promise<LoadBench> {
  const warehouse = await aWarehouse()
  const bronze = [candleTable, tickTable, eventTable, uptimeTable]
  await ensureSourceTables(warehouse, [...bronze, instrumentTable])
  await syncInstruments(warehouse, instrumentTable, loadInstruments)
  const directory = mkdtempSync(join(tmpdir(), 'kx-load-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return {
    warehouse,
    directory,
    write(name, content) {
      const path = join(directory, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content)
      return path
    },
    async load({ paths = [directory], through = warehouse, tables = bronze, ...overrides } = {}) {
      const state = join(directory, '.kx')
      const options = { directory, stateDirectory: state, nowMs: Date.UTC(2026, 0, 1), ...overrides }
      return await collect(
        loadFiles({ warehouse: through, tables, instruments: loadInstruments, paths, options }),
      )
    },
    async rows(sql) {
      await using session = await warehouse.session()
      return (await session.queryText(sql)).rows.map((row) => row.map((value) => value ?? 'null').join(' '))
    },
  }
}

/** Lines of Kraken's archive, one a minute of 2024-05-01 from 00:00: `5 7` is 00:05 and 00:07, price = minute. */
export function krakenLines(minutes: readonly number[]): string {
  const start = Date.UTC(2024, 4, 1) / 1000
  return minutes
    .map((minute) => `${start + minute * 60},${minute + 1},${minute + 2},${minute},${minute + 1},10,3\n`)
    .join('')
}

/** A landing line of kraken BTC/USD for a minute of 2024-05-01. */
export function landingLine(minute: number, fields: Readonly<Record<string, unknown>> = {}): string {
  const at = (seconds: number) => new Date(Date.UTC(2024, 4, 1) + seconds * 1000).toISOString()
  const record = {
    v: 1,
    feed_id: 'c-b-1',
    sequence: minute,
    row: 0,
    received_at: at(minute * 60 + 61),
    monotonic_ns: '1',
    channel: 'ohlc',
    proof: 'sent',
    fields: {
      native_symbol: 'BTC/USD',
      interval_start: at(minute * 60),
      open: '1',
      high: '2',
      low: '1',
      close: '2',
      volume: '3',
      vwap: '1.5',
      trade_count: '4',
      is_final: true,
      source: 'ws',
      ...fields,
    },
    raw: `{"symbol":"BTC/USD","minute":${minute}}`,
  }
  return `${JSON.stringify(record)}\n`
}

/** The events of one type. */
export function eventsOf<Type extends LoadEvent['type']>(events: readonly LoadEvent[], type: Type) {
  return events.filter((event): event is Extract<LoadEvent, { type: Type }> => event.type === type)
}

/** The summary a load ended with. */
export function summaryOf(events: readonly LoadEvent[]) {
  const [event] = eventsOf(events, 'summary')
  if (!event) throw new Error('the load has no summary')
  return event.summary
}

async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const collected: Value[] = []
  for await (const value of values) collected.push(value)
  return collected
}
