import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, type Instrument, scaledClock } from '../base/index.ts'
import type { Broker } from '../collector/broker/broker.ts'
import { createRestClient } from '../collector/broker/rest-client.ts'
import { mapperOf } from '../collector/exchange/index.ts'
import type { AskContext, RepairExchange } from '../collector/repair/asker.ts'
import type { Warehouse } from '../warehouse/index.ts'
import { aLoadBench, type LoadBench } from './a-load.ts'
import { aRestMarket, type RestMarketOptions } from './a-rest-market.ts'
import type { RestServer } from './a-rest-server.ts'
import { candleTable } from './source-tables.ts'

/** A warehouse with exchanges that can be asked, a landing and a loader. */
export interface RepairBench extends LoadBench {
  readonly market: RestServer
  readonly clock: Clock
  readonly context: AskContext
  readonly exchanges: readonly RepairExchange[]
  readonly bronze: { readonly warehouse: Warehouse; readonly table: typeof candleTable }
  /** Loads what was landed. */
  loadLanding(): Promise<void>
  /** Minutes of bronze, `kraken BTC/USD 3 final rest`: how many, by instrument, finality and source. */
  finals(): Promise<string[]>
}

export const NOON_MS = Date.UTC(2024, 4, 1, 12)

/** Grants everything: budgets have tests of their own. */
const generousBroker: Broker = { grant: async () => undefined, report: () => undefined }

/** A bench whose market and clock run `factor` times as fast as the machine. */
export async function aRepairBench({
  factor = 20,
  signal = new AbortController().signal,
  skewMs = 0,
  startMs = NOON_MS + 300_000,
  ...market
}: Partial<RestMarketOptions> & {
  readonly factor?: number
  readonly signal?: AbortSignal
  /** Our clock beside the exchange's. */
  readonly skewMs?: number
  /** What the exchange's clock shows at first; default: five past noon of 2024-05-01. */
  readonly startMs?: number
} = {}): Promise<RepairBench> {
  const bench = await aLoadBench()
  const scale = { factor, realMs: Date.now(), atMs: startMs }
  const truth = scaledClock(() => scale)
  const clock = scaledClock(() => ({ ...scale, skewMs }))
  const server = await aRestMarket({ now: () => truth.now(), symbols: ['BTC/USD', 'BTCUSDT'], ...market })
  const landing = join(bench.directory, 'landing')
  const exchanges = ['kraken', 'binance_us'].flatMap((exchange) => {
    const mapper = mapperOf(exchange)
    return mapper ? [{ mapper, restUrl: server.url }] : []
  })
  let feeds = 0
  return {
    ...bench,
    market: server,
    clock,
    exchanges,
    bronze: { warehouse: bench.warehouse, table: candleTable },
    context: {
      clock,
      signal,
      client: createRestClient({ broker: generousBroker, clock }),
      async land(lines) {
        for (const { folder, text } of lines) {
          mkdirSync(join(landing, folder), { recursive: true })
          appendFileSync(join(landing, folder, 'part-c-b-0-0.jsonl'), `${text}\n`)
        }
      },
      nextFeedId: (name) => {
        feeds += 1
        return `c-b-0-${name}-${feeds}`
      },
    },
    async loadLanding() {
      mkdirSync(landing, { recursive: true })
      await bench.load({ paths: [landing] })
    },
    finals: () =>
      bench.rows(
        `select exchange, native_symbol, count(distinct interval_start),
            case when is_final then 'final' else 'open' end, source
        from bronze.ohlcv_native group by exchange, native_symbol, is_final, source order by 1, 2, 4, 5`,
      ),
  }
}

/** The instruments that such a market lists. */
export const tradedInstruments = (all: readonly Instrument[]): Instrument[] =>
  all.filter(({ nativeSymbol }) => nativeSymbol === 'BTC/USD' || nativeSymbol === 'BTCUSDT')
