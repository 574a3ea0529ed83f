import { readFileSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../base/index.ts'
import { type RunOptions, runCommand } from '../../cli/run/run.ts'
import { openWarehouse, type Target, type Warehouse } from '../../warehouse/index.ts'
import { krakenLines, landingLine } from '../a-load.ts'
import { aProject, type ProjectDirectory } from '../a-project.ts'
import { anIo } from '../an-io.ts'
import { aCutProxy, type CutProxy } from '../cut-proxy.ts'
import { aDatabase } from '../database.ts'
import { loadInChunks } from './load-in-chunks.ts'

/** A small market with everything a load and a run can do, behind a proxy that can cut them short. */
export interface SmallMarket extends ProjectDirectory {
  readonly warehouse: Warehouse
  /** In front of the target that project.yml calls `proxied`; `direct` passes it by. */
  readonly proxy: CutProxy
  load(target: 'direct' | 'proxied'): Promise<Ended>
  run(target: 'direct' | 'proxied', options?: RunOptions): Promise<Ended>
}

/** How a command ended. */
export interface Ended {
  readonly code: number
  readonly lines: readonly string[]
}

/** Rows to a transaction: the landing file takes several. */
export const CHUNK_ROWS = 40

const KEY = "['interval_start', 'symbol', 'exchange', 'quote_asset']"
const MINUTES = 180

const FILES: Readonly<Record<string, string>> = {
  'models/bronze/ohlcv_native.yml': readFileSync('models/bronze/ohlcv_native.yml', 'utf8'),
  'models/bronze/instrument.yml': readFileSync('models/bronze/instrument.yml', 'utf8'),
  'models/silver/minute.sql': `{{ config(materialized='incremental', time_column='interval_start', unique_key=${KEY}) }}
select distinct on (interval_start, symbol, exchange, quote_asset)
    interval_start, symbol, exchange, quote_asset, close, volume
from {{ source('bronze', 'ohlcv_native') }}
order by interval_start, symbol, exchange, quote_asset, landing_file, landing_line`,
  'models/gold/hourly.sql': `{{ config(materialized='incremental', time_column='interval_start', unique_key=${KEY}) }}
select date_trunc('hour', interval_start) as interval_start, symbol, exchange, quote_asset,
    max(close) as high, sum(volume order by interval_start) as volume
from {{ ref('minute') }}
group by date_trunc('hour', interval_start), symbol, exchange, quote_asset`,
  'models/gold/daily.sql': `{{ config(materialized='incremental', partition='day', time_column='interval_start', unique_key=${KEY}) }}
select date_trunc('day', interval_start) as interval_start, symbol, exchange, quote_asset,
    max(high) as high, sum(volume order by interval_start) as volume
from {{ ref('hourly') }}
group by date_trunc('day', interval_start), symbol, exchange, quote_asset`,
  'tests/volume_is_positive.sql': `{{ config(blocking=true) }}
select * from {{ ref('minute') }} where volume < 0`,
  'candles/XBTUSD_1.csv': `${krakenLines(minutes(0, MINUTES, 3))}bad\n${krakenLines([MINUTES - 1])}`,
  'candles/exchange=kraken/feed.jsonl': minutes(0, MINUTES, 1).map(landed).join(''),
}

const INSTRUMENTS = `instruments:
  - { exchange: kraken, native_symbol: BTC/USD, symbol: BTC-USD, quote_asset: USD, aliases: [XBTUSD] }
  - { exchange: kraken, native_symbol: ETH/USD, symbol: ETH-USD, quote_asset: USD }`

/** Three hours of two instruments in two files, three models, one blocking assertion; nothing loaded yet. */
export async function aSmallMarket(): Promise<SmallMarket> {
  const direct = await aDatabase()
  const proxy = await aCutProxy(direct)
  const targets: Record<string, Target> = { direct, proxied: proxy.target }
  const project = aProject(FILES, { targets, settings: INSTRUMENTS })
  const warehouse = await openWarehouse(direct, { poolSize: 2, applicationName: 'kx test' })
  onTestFinished(() => warehouse[Symbol.asyncDispose]())
  return {
    ...project,
    warehouse,
    proxy,
    load: (target) =>
      ended(project, (io) => loadInChunks(io, ['candles'], { target, chunkRows: CHUNK_ROWS })),
    run: (target, options = {}) =>
      ended(project, (io) => runCommand(io, { threads: '1', batch: '2', target, ...options })),
  }
}

type Io = ReturnType<typeof anIo>['io']

/** Runs a command as main() does. Waiting is cut short: what is awaited is on this machine. */
async function ended({ directory }: ProjectDirectory, command: (io: Io) => Promise<number>): Promise<Ended> {
  const clock = {
    ...systemClock,
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 5), signal),
  }
  const { io, out, err } = anIo({ cwd: directory, clock })
  const { reportError } = await import('../../cli/shared/report-error.ts')
  const code = await command(io).catch((error: unknown) => reportError(io, error))
  return { code, lines: [...out, ...err] }
}

function minutes(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step)
}

/** A wide line, so that the file is read in several blocks. */
function landed(minute: number): string {
  const line = landingLine(minute, { native_symbol: 'ETH/USD', volume: String(minute / 7) })
  return line.replace('"raw":"', `"raw":"${'·'.repeat(2500)}`)
}
