import type { Clock, Instrument } from '../../../base/index.ts'
import type { SimulatedInstrument, TrueCandle } from '../day/market.ts'
import { atRandom, startChaos } from '../faults/chaos.ts'
import type { Fault, FaultKind } from '../faults/fault.ts'
import { openFaultBoard } from '../faults/fault-board.ts'
import { type Market, type MarketOptions, openMarket } from '../market/market.ts'
import { randomOf } from '../random.ts'
import { openBinanceRest } from './binance/rest.ts'
import type { Exchange } from './exchange.ts'
import { type ExchangeUrls, openExchangeServer } from './exchange-server.ts'
import { openKrakenRest } from './kraken/rest.ts'
import { openSentLog, type SentLog } from './sent-log.ts'
import { openTimeline } from './timeline.ts'
import { openVenue, type Venue } from './venue.ts'

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
  /** Candles of instruments that trade as they did, over and over; see `readCandleFiles`. Others come from the seed. */
  readonly history?: MarketOptions['history']
  /** Faults that are there from the start; more can be injected at any time. */
  readonly faults?: readonly Fault[]
  /** Chooses where faults act, and random ones; default: `seed`. */
  readonly faultsSeed?: number
  /** Whether the exchanges' published limits are enforced: request weights, connects. Default: they are. */
  readonly isLimited?: boolean
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
  /** Those that are listed, as they are traded. */
  readonly instruments: readonly SimulatedInstrument[]
  /** What was sent, and what happened. */
  readonly log: SentLog
  /** Makes something go wrong. Resolves when it did so for the first time. */
  inject(fault: Fault): Promise<void>
  /** How often each kind of fault took effect. */
  counts(): Readonly<Record<FaultKind, number>>
  /** Injects random faults, so many a minute on average. Gives what ends it. */
  startChaos(options: {
    readonly perMinute: number
    /** Default: all but `burst`. */
    readonly kinds?: readonly FaultKind[]
    readonly onFault?: (fault: Fault) => void
  }): () => void
  /** Injects a fault again and again, so many times a minute on average. Gives what ends it. */
  injectOften(fault: Fault, perMinute: number): () => void
  /** Ids of open connections, oldest first in each exchange. */
  connections(): readonly string[]
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

/**
 * Starts the exchanges. Dispose it: connections are reset, servers closed.
 *
 * @throws {KxError} KX_USAGE if a port or the log cannot be had
 */
export async function openSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { clock, seed, instruments, skewMs = 0, port = 0, isLimited = true } = options
  const market = openMarket({ seed, instruments, history: options.history })
  const log = openSentLog(options.logFile)
  const timeline = openTimeline(clock)
  const exchanges = simulatedExchanges.map((exchange) => {
    const venue = openVenue({ exchange, seed, market, timeline, skewMs })
    return anExchange(venue, isLimited)
  })
  const random = randomOf(options.faultsSeed ?? seed, 'faults')
  const board = openFaultBoard({ timeline, random, log, exchanges })
  for (const fault of options.faults ?? []) void board.inject(fault)
  const opened = await Promise.allSettled(
    exchanges.map((exchange, i) =>
      openExchangeServer({ exchange, log, port: port === 0 ? 0 : port + i, faults: board.hooks, isLimited }),
    ),
  )
  const servers = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  async function close(): Promise<void> {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
    await timeline[Symbol.asyncDispose]()
    log[Symbol.dispose]()
  }
  const refused = opened.find((one) => one.status === 'rejected')
  if (refused) {
    await close()
    throw refused.reason
  }
  const urls = Object.fromEntries(servers.map(({ urls }, i) => [simulatedExchanges[i], urls]))
  return {
    urls: urls as Simulator['urls'],
    instruments: exchanges.flatMap(({ venue }) => venue.listings),
    log,
    now: () => timeline.now(),
    inject: board.inject,
    counts: board.counts,
    startChaos: ({ perMinute, kinds, onFault }) =>
      startChaos({
        timeline,
        random: randomOf(options.faultsSeed ?? seed, 'chaos'),
        perMinute,
        ...(kinds && { kinds }),
        exchanges: exchangesOf(market.listings),
        inject: (fault) => {
          onFault?.(fault)
          void board.inject(fault)
        },
      }),
    injectOften: (fault, perMinute) =>
      atRandom({ timeline, random, perMinute, run: () => void board.inject(fault) }),
    connections: () => exchanges.flatMap(({ sessions }) => [...sessions.keys()].map(({ id }) => id)),
    truthOf({ exchange, nativeSymbol }, fromMs, toMs) {
      const listing = market.find(exchange, nativeSymbol)
      return listing === undefined ? [] : market.truth(listing, fromMs, toMs)
    },
    [Symbol.asyncDispose]: close,
  }
}

function anExchange(venue: Venue, isLimited: boolean): Exchange {
  const open = venue.exchange === 'kraken' ? openKrakenRest : openBinanceRest
  return { venue, rest: open(venue, isLimited), sessions: new Map() }
}

/** Simulated exchanges that list something. */
function exchangesOf(listings: Market['listings']): readonly SimulatedExchange[] {
  return simulatedExchanges.filter((id) => listings.some(({ exchange }) => exchange === id))
}
