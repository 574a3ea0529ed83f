import type { Clock, Instrument } from '../../../base/index.ts'
import type { SimulatedInstrument, TrueCandle } from '../day/market.ts'
import { openMarket } from '../market/market.ts'
import { type ExchangeUrls, openExchangeServer } from './exchange-server.ts'
import { openSentLog, type SentLog } from './sent-log.ts'
import { openTimeline } from './timeline.ts'
import { openVenue } from './venue.ts'

/** The exchanges that can be simulated. */
export const simulatedExchanges = ['binance_us', 'kraken', 'binance'] as const
export type SimulatedExchange = (typeof simulatedExchanges)[number]

/** What to simulate. */
export interface SimulatorOptions {
  readonly clock: Clock
  /** The same seed gives the same market, whatever goes wrong. */
  readonly seed: number
  /** Of any exchange; those that no simulated exchange lists are left out. */
  readonly instruments: readonly (Instrument | SimulatedInstrument)[]
  /** How far the exchanges' clocks are ahead, ms. */
  readonly skewMs?: number
  /** Where the log of what was sent is kept; default: a temporary file that goes with the simulator. */
  readonly logFile?: string
  /** First of three ports in the order of `simulatedExchanges`; default and 0: any. */
  readonly port?: number
}

/** Simulated exchanges on loopback ports. */
export interface Simulator extends AsyncDisposable {
  readonly urls: Readonly<Record<SimulatedExchange, ExchangeUrls>>
  /** What was sent, and what happened. */
  readonly log: SentLog
  /** The simulator's time, ms since the epoch, without any exchange's skew. */
  now(): number
  /**
   * Every minute of an instrument in `[fromMs, toMs)` as it really was, in order of time, quiet ones flat. Empty
   * for one that is not listed.
   */
  truthOf(
    instrument: Pick<Instrument, 'exchange' | 'nativeSymbol'>,
    fromMs: number,
    toMs: number,
  ): TrueCandle[]
}

/** Starts the exchanges. Dispose it: connections are reset, servers closed. */
export async function openSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { clock, seed, instruments, skewMs = 0, port = 0 } = options
  const market = openMarket({ seed, instruments })
  const log = openSentLog(options.logFile)
  const timeline = openTimeline(clock)
  const opened = await Promise.all(
    simulatedExchanges.map((exchange, i) => {
      const venue = openVenue({ exchange, seed, market, timeline, skewMs })
      return openExchangeServer({ venue, log, port: port === 0 ? 0 : port + i })
    }),
  )
  const [binanceUs, kraken, binance] = opened as [(typeof opened)[0], (typeof opened)[0], (typeof opened)[0]]
  return {
    urls: { binance_us: binanceUs.urls, kraken: kraken.urls, binance: binance.urls },
    log,
    now: () => timeline.now(),
    truthOf({ exchange, nativeSymbol }, fromMs, toMs) {
      const listing = market.find(exchange, nativeSymbol)
      return listing === undefined ? [] : market.truth(listing, fromMs, toMs)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((server) => server[Symbol.asyncDispose]()))
      await timeline[Symbol.asyncDispose]()
      log[Symbol.dispose]()
    },
  }
}
