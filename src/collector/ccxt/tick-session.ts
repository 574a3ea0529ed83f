import { parseRetryAfter } from '../broker/response-headers.ts'
import type { FeedContext, FeedPlan, FeedStatus } from '../feed/feed.ts'
import type { CcxtClient, CcxtExchange, CcxtMarket, CcxtTicker } from './ccxt-types.ts'
import { chooseSymbols } from './choose-symbols.ts'
import { listen, type TickMode, tickModeOf } from './listen.ts'
import { loadExchange } from './load-exchange.ts'
import { receptionTimes } from './reception-times.ts'
import { tapTickers } from './tap.ts'
import type { TickEvents } from './tick-events.ts'
import { createTickLog, type TickLog } from './tick-log.ts'

/** An exchange that CCXT has open: its markets are known, its sockets are tapped. */
export interface TickSession {
  readonly mode: TickMode
  readonly symbols: readonly string[]
  readonly log: TickLog
  readonly rejected: Map<string, string>
  /** Listens until a connection breaks, nothing ticks any more or `signal` aborts. @returns why it ended */
  run(signal: AbortSignal): Promise<string>
  /** Closes its sockets; it may run again. */
  hangUp(): Promise<void>
}

export interface SessionInput {
  readonly context: FeedContext
  readonly plan: FeedPlan
  readonly events: TickEvents
  readonly setState: (state: FeedStatus['state']) => void
}

/** No tick at all for this long: the sockets are dead, whatever their heartbeats say. */
const SILENCE_MS = 120_000
const LOOK_EVERY_MS = 1_000
const PAUSED_MS = 10_000
const POLL_EVERY_MS = 10_000

/**
 * Opens an exchange for ticks: loads its markets and chooses among them.
 *
 * @throws what CCXT throws; {KxError} KX_EXCHANGE_UNKNOWN
 */
export async function openSession(input: SessionInput): Promise<TickSession> {
  const { context, plan, events } = input
  const { settings } = plan
  const exchange = await loadExchange(settings.ticks?.ccxtId ?? plan.exchange, settings)
  throughBroker(exchange, context)
  const markets = await exchange.loadMarkets()
  const mode = tickModeOf(exchange)
  if (mode === undefined) throw new Error(`${plan.exchange} gives no tickers through CCXT`)
  const chosen = await choose(exchange, plan, Object.values(markets))
  for (const symbol of chosen.unknown)
    events.tell('symbol_unknown', { cause: 'settings', details: { symbol } })
  const symbols = capped(chosen.symbols, mode, plan)
  events.tell('symbols_chosen', {
    details: { mode, markets: chosen.symbols.length, streams: symbols.length },
  })
  const bySymbol = new Map(symbols.flatMap((symbol) => entryOf(markets, symbol)))
  const log = createTickLog(context, plan, bySymbol, mode === 'polling')
  const rejected = new Map<string, string>()
  const session = { ...input, exchange, symbols, log, rejected }
  let dialling = new AbortController()
  const frames = tap(session, () => dialling.signal)
  return {
    mode,
    symbols,
    log,
    rejected,
    run: async (signal) =>
      mode === 'polling' ? await poll(session, frames, signal) : await watch(session, mode, signal),
    async hangUp() {
      // Who still waits for leave to connect would do so when nobody listens any more.
      dialling.abort()
      dialling = new AbortController()
      await close(exchange)
    },
  }
}

/** Closes the sockets at once: an exchange that does not answer a goodbye keeps one open for half a minute. */
async function close(exchange: CcxtExchange): Promise<void> {
  const connections = Object.values(exchange.clients ?? {}).map(({ connection }) => connection)
  const closed = exchange.close().catch(() => undefined)
  for (const connection of connections) connection?.terminate?.()
  await closed
}

interface Session extends SessionInput {
  readonly exchange: CcxtExchange
  readonly symbols: readonly string[]
  readonly log: TickLog
  readonly rejected: Map<string, string>
}

type Frames = ReturnType<typeof tap>

async function choose(
  exchange: CcxtExchange,
  { settings, tickSymbols }: FeedPlan,
  all: readonly CcxtMarket[],
) {
  const ticks = settings.ticks
  if (ticks === undefined || tickSymbols !== undefined) {
    const listed = new Set(all.map(({ symbol }) => symbol))
    const wanted = tickSymbols ?? []
    return {
      symbols: wanted.filter((symbol) => listed.has(symbol)),
      unknown: wanted.filter((symbol) => !listed.has(symbol)),
    }
  }
  const isCapped = ticks.maxSymbols !== undefined && exchange.has.fetchTickers === true
  const none: Readonly<Record<string, CcxtTicker>> = {}
  const tickers = isCapped ? await exchange.fetchTickers().catch(() => none) : none
  const quoteVolumes = new Map(
    Object.entries(tickers).map(([symbol, { quoteVolume }]) => [symbol, quoteVolume ?? -1]),
  )
  return chooseSymbols({ markets: all, settings: ticks, quoteVolumes })
}

function capped(symbols: readonly string[], mode: TickMode, { settings }: FeedPlan): readonly string[] {
  const most = mode === 'watch_ticker' ? settings.ticks?.maxStreams : undefined
  return most === undefined ? symbols : symbols.slice(0, most)
}

function entryOf(
  markets: Readonly<Record<string, CcxtMarket>>,
  symbol: string,
): [symbol: string, market: CcxtMarket][] {
  const market = markets[symbol]
  return market ? [[symbol, market]] : []
}

/** Every REST call of CCXT asks the broker first and tells it how it went. */
function throughBroker(exchange: CcxtExchange, { broker, clock }: FeedContext): void {
  const fetch = exchange.fetch.bind(exchange)
  exchange.fetch = async (url, method, headers, body) => {
    const address = new URL(url).origin
    await broker.grant({ address, kind: 'rest', weight: 1, priority: 'live' })
    const tell = (status: number | undefined, retryAfterMs: number | undefined) =>
      broker.report({ address, kind: 'rest', status, retryAfterMs, usedWeight: undefined })
    try {
      const answer = await fetch(url, method, headers, body)
      tell(200, undefined)
      return answer
    } catch (error) {
      const status = statusOf(error)
      const asked = exchange.last_response_headers?.['Retry-After']
      tell(status, status === undefined ? undefined : parseRetryAfter(asked, clock.now()))
      throw error
    }
  }
}

function statusOf(error: unknown): number | undefined {
  const name = error instanceof Error ? error.name : ''
  if (name === 'RateLimitExceeded') return 429
  return name === 'DDoSProtection' ? 418 : undefined
}

/** Lands what the sockets say; each connection is a feed of its own with its own count of frames. */
function tap({ exchange, context, plan, events, log }: Session, dialling: () => AbortSignal) {
  const now = receptionTimes(context.clock)
  const connections = new WeakMap<CcxtClient, { feedId: string; sequence: number }>()
  const frame = { at: now() }
  tapTickers(exchange, {
    async beforeConnect(client) {
      const address = new URL(client.url).origin
      await context.broker.grant({ address, kind: 'connect', weight: 1, priority: 'live' }, dialling())
      connections.set(client, { feedId: events.newFeed(), sequence: -1 })
      events.tell('connecting', { details: { url: client.url } })
    },
    onFrame(client) {
      frame.at = now()
      const connection = connections.get(client)
      if (connection) connection.sequence++
      log.countFrame()
    },
    onTickers(client, tickers) {
      const connection = connections.get(client)
      if (!connection) return
      log.take({ ...connection, at: frame.at }, tickers)
      events.seen(frame.at)
    },
  })
  let polls = 0
  return {
    /** What a poll gave, as if it were a frame. */
    polled(tickers: Parameters<TickLog['take']>[1]) {
      const at = now()
      log.countFrame()
      log.take({ feedId: events.feedId(), sequence: polls++, at }, tickers)
      events.seen(at)
    },
    plan,
  }
}

async function watch(
  session: Session,
  mode: 'watch_tickers' | 'watch_ticker',
  signal: AbortSignal,
): Promise<string> {
  const { exchange, symbols, context, events, log, rejected, setState } = session
  const end = new AbortController()
  log.restart()
  const listening = listen({
    exchange,
    mode,
    // Those that were rejected are asked for again, after the others.
    symbols: symbols.toSorted((a, b) => Number(rejected.has(a)) - Number(rejected.has(b))),
    clock: context.clock,
    signal: AbortSignal.any([signal, end.signal]),
    onSubscribed(symbol) {
      setState('live')
      if (symbol !== undefined) rejected.delete(symbol)
      events.tell('subscribed', { symbol })
    },
    onRejected(symbol, reason) {
      rejected.set(symbol, reason)
      events.tell('rejected', { symbol, cause: 'exchange', details: { reason } })
      context.log('warn', `rejected ${symbol}`, `${session.plan.exchange} rejects ${symbol}: ${reason}`)
    },
  })
  const guarding = guard(session, AbortSignal.any([signal, end.signal]))
  try {
    const cause = await Promise.race([listening.then(() => 'ended'), guarding])
    return signal.aborted ? 'stopped' : cause
  } finally {
    end.abort()
    listening.catch(() => undefined)
  }
}

/** Ends when nothing ticks any more, or when frames may not be taken for too long. */
async function guard({ exchange, context, log }: Session, signal: AbortSignal): Promise<string> {
  const startedMs = context.clock.monotonicMs()
  let pausedMs: number | undefined
  while (await context.clock.sleep(LOOK_EVERY_MS, signal)) {
    const nowMs = context.clock.monotonicMs()
    if ((log.silenceMs() ?? nowMs - startedMs) > SILENCE_MS) return 'silent'
    const hasRoom = context.hasRoom()
    for (const { connection } of Object.values(exchange.clients ?? {})) {
      if (hasRoom) connection?.resume?.()
      else connection?.pause?.()
    }
    pausedMs = hasRoom ? undefined : (pausedMs ?? nowMs)
    if (pausedMs !== undefined && nowMs - pausedMs > PAUSED_MS) return 'backpressure'
  }
  return 'stopped'
}

async function poll(session: Session, frames: Frames, signal: AbortSignal): Promise<string> {
  const { exchange, symbols, context, events, setState } = session
  events.newFeed()
  do {
    const tickers = await exchange.fetchTickers(symbols)
    if (signal.aborted) break
    setState('live')
    if (context.hasRoom()) frames.polled(Object.values(tickers))
  } while (await context.clock.sleep(POLL_EVERY_MS, signal))
  return 'stopped'
}
