import { cpSync, existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { type LoadCommandOptions, loadCommand } from '../../cli/load/load.ts'
import { planCommand } from '../../cli/plan/plan.ts'
import { type RunOptions, runCommand } from '../../cli/run/run.ts'
import { whyCommand } from '../../cli/why/why.ts'
import { openWarehouse, type Warehouse } from '../../warehouse/index.ts'
import { aProject, type ProjectDirectory } from '../a-project.ts'
import { anIo } from '../an-io.ts'
import { aDatabase } from '../database.ts'
import type { Ended } from './small-market.ts'

/** Real candles, 2023-03-10T12 to 2023-03-12. */
export const CANDLES = join(process.env.KX_TEST_DATA ?? resolve('../shared/data'), 'candles')

export const areCandlesThere = existsSync(CANDLES)
if (!areCandlesThere)
  process.stderr.write(`SKIPPED: no real candles at ${CANDLES}; set KX_TEST_DATA to test with them\n`)

/** kx's own models on a database of the test's own, with the instruments of the real candles. */
export interface RealMarket extends ProjectDirectory {
  readonly warehouse: Warehouse
  load(paths: readonly string[], options?: LoadCommandOptions): Promise<Ended>
  /** Lines are JSON. */
  run(options?: RunOptions): Promise<Ended>
  plan(): Promise<Ended>
  why(model: string, hour: string): Promise<Ended>
  /** The rows of a query, values with blanks between. */
  rows(sql: string): Promise<string[]>
}

const INSTRUMENTS = `
models: { silver: { protected: true } }
instruments:
  - { exchange: kraken, native_symbol: BTC/USD, symbol: BTC-USD, quote_asset: USD, aliases: [XBTUSD] }
  - { exchange: kraken, native_symbol: BTC/USDC, symbol: BTC-USD, quote_asset: USDC, aliases: [XBTUSDC] }
  - { exchange: kraken, native_symbol: USDT/USD, symbol: USDT-USD, quote_asset: USD, aliases: [USDTUSD] }
  - { exchange: kraken, native_symbol: USDC/USD, symbol: USDC-USD, quote_asset: USD, aliases: [USDCUSD] }
  - { exchange: binance_us, native_symbol: BTCUSD, symbol: BTC-USD, quote_asset: USD }
  - { exchange: binance_us, native_symbol: BTCUSDT, symbol: BTC-USD, quote_asset: USDT }
  - { exchange: binance_us, native_symbol: BTCUSDC, symbol: BTC-USD, quote_asset: USDC }
  - { exchange: binance_us, native_symbol: USDCUSDT, symbol: USDC-USD, quote_asset: USDT }
  - { exchange: coinbase, native_symbol: BTC-USD, symbol: BTC-USD, quote_asset: USD }
  - { exchange: coinbase, native_symbol: USDT-USD, symbol: USDT-USD, quote_asset: USD }`

/** The project, with nothing loaded yet. */
export async function aRealMarket(): Promise<RealMarket> {
  const target = await aDatabase()
  const project = aProject({}, { targets: { test: target }, settings: INSTRUMENTS })
  for (const folder of ['models', 'macros', 'tests'])
    cpSync(folder, join(project.directory, folder), { recursive: true })
  const warehouse = await openWarehouse(target, { poolSize: 2, applicationName: 'kx test' })
  onTestFinished(() => warehouse[Symbol.asyncDispose]())
  const end = async (command: (io: ReturnType<typeof anIo>['io']) => Promise<number>, logFormat?: 'json') => {
    const { io, out, err } = anIo({ cwd: project.directory, ...(logFormat && { logFormat }) })
    const { reportError } = await import('../../cli/shared/report-error.ts')
    const code = await command(io).catch((error: unknown) => reportError(io, error))
    return { code, lines: [...out, ...err] }
  }
  return {
    ...project,
    warehouse,
    load: (paths, options = {}) => end((io) => loadCommand(io, paths, options)),
    run: (options = {}) => end((io) => runCommand(io, { threads: '2', ...options }), 'json'),
    plan: () => end((io) => planCommand(io, {}), 'json'),
    why: (model, hour) => end((io) => whyCommand(io, model, hour, {})),
    rows: async (sql) => {
      await using session = await warehouse.session()
      return (await session.queryText(sql)).rows.map((row) => row.map((value) => value ?? 'null').join(' '))
    },
  }
}

/** What each generic CSV holds. */
const CSV_OPTIONS = [
  ['binanceus_BTCUSD.csv', { exchange: 'binance_us', symbol: 'BTC-USD', quote: 'USD' }],
  ['coinbase_BTCUSD.csv', { exchange: 'coinbase', symbol: 'BTC-USD', quote: 'USD' }],
  ['coinbase_USDTUSD.csv', { exchange: 'coinbase', symbol: 'USDT-USD', quote: 'USD' }],
] as const

/** Loads the archives, all of them or those of one exchange. */
export async function loadArchives(
  market: RealMarket,
  folders: readonly string[] = ['binance_us_archive', 'kraken_ohlcvt'],
): Promise<Ended[]> {
  return [await market.load(folders.map((folder) => join(CANDLES, folder)))]
}

/** Loads the CSV files, each with the instrument that it does not name itself. */
export async function loadCsv(market: RealMarket): Promise<Ended[]> {
  const ends: Ended[] = []
  for (const [file, options] of CSV_OPTIONS)
    ends.push(await market.load([join(CANDLES, 'generic_csv', file)], { ...options, complete: true }))
  return ends
}
