import type { Clock } from '../../base/index.ts'
import type { CcxtExchange } from './ccxt-types.ts'

/** How an exchange gives its tickers. */
export type TickMode = 'watch_tickers' | 'watch_ticker' | 'polling'

/** The best way that an exchange offers: one stream for all, one per symbol, or asking. */
export function tickModeOf({ has }: Pick<CcxtExchange, 'has'>): TickMode | undefined {
  if (has.watchTickers === true) return 'watch_tickers'
  if (has.watchTicker === true) return 'watch_ticker'
  return has.fetchTickers === true ? 'polling' : undefined
}

/** Between two subscriptions of one socket, ms: no exchange wants them faster. */
const SUBSCRIBE_EVERY_MS = 250
/** A rejected symbol is asked for again so often, ms. */
const REJECTED_EVERY_MS = 3_600_000

export interface Listening {
  readonly exchange: CcxtExchange
  readonly mode: Exclude<TickMode, 'polling'>
  readonly symbols: readonly string[]
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The first result of a stream. */
  readonly onSubscribed: (symbol: string | undefined) => void
  /** A stream that the exchange does not give. */
  readonly onRejected: (symbol: string, reason: string) => void
}

/**
 * Keeps an exchange's streams running until one breaks or `signal` aborts. What they say is heard at the tap;
 * the results here are only told apart from errors.
 *
 * @throws what CCXT throws when the connection breaks
 */
export async function listen(listening: Listening): Promise<void> {
  if (listening.mode === 'watch_tickers') return await watchAll(listening)
  const end = new AbortController()
  const signal = AbortSignal.any([end.signal, listening.signal])
  const streams: Promise<void>[] = []
  try {
    for (const symbol of listening.symbols) {
      if (signal.aborted) break
      streams.push(watchOne({ ...listening, signal }, symbol))
      // One that breaks early ends the pause between two.
      await Promise.race([listening.clock.sleep(SUBSCRIBE_EVERY_MS, signal), ...streams])
    }
    await Promise.all(streams)
  } finally {
    end.abort()
    for (const stream of streams) stream.catch(() => undefined)
  }
}

async function watchAll({ exchange, symbols, signal, onSubscribed }: Listening): Promise<void> {
  let watch = () => exchange.watchTickers(symbols)
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    try {
      await ended(watch(), signal)
    } catch (error) {
      // Some exchanges have no list of symbols, and say so by a TypeError.
      if (!isFirst || !(error instanceof TypeError)) throw error
      watch = () => exchange.watchTickers()
      await ended(watch(), signal)
    }
    if (isFirst && !signal.aborted) onSubscribed(undefined)
  }
}

async function watchOne(
  { exchange, clock, signal, onSubscribed, onRejected }: Listening,
  symbol: string,
): Promise<void> {
  let isSubscribed = false
  while (!signal.aborted) {
    try {
      await ended(exchange.watchTicker(symbol), signal)
      if (!isSubscribed && !signal.aborted) onSubscribed(symbol)
      isSubscribed = true
    } catch (error) {
      if (!isRejection(error)) throw error
      onRejected(symbol, error instanceof Error ? error.message : String(error))
      isSubscribed = false
      await clock.sleep(REJECTED_EVERY_MS, signal)
    }
  }
}

/** Of one symbol alone: the other streams go on. */
function isRejection(error: unknown): boolean {
  return error instanceof Error && (error.name === 'BadSymbol' || error.name === 'BadRequest')
}

/** Resolves with the promise, or when `signal` aborts; what the promise says later is heard and dropped. */
async function ended(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  promise.catch(() => undefined)
  let stop = () => {}
  const aborted = new Promise<void>((resolve) => {
    stop = resolve
  })
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
