import type { Clock } from '../../base/index.ts'
import type { RestMapper, RestRequest } from '../exchange/mapper.ts'
import { addressOf } from './address.ts'
import type { Broker, BrokerAsk } from './broker.ts'
import { httpGet } from './http-get.ts'
import { parseDate, parseRetryAfter } from './response-headers.ts'

/** Asks exchanges by REST, one budget for all who ask. */
export interface RestClient {
  /**
   * Waits for the broker's leave, asks, and tells the broker what came.
   *
   * An exchange that refuses, is slow or cannot be reached is an outcome, not an exception.
   *
   * @param restUrl the exchange's REST address; `request.path` is put behind it
   * @throws the reason of `options.signal`, when it aborts
   */
  get(restUrl: string, request: RestRequest, options: RestOptions): Promise<RestOutcome>
}

/** How a request is made. */
export interface RestOptions {
  readonly priority: BrokerAsk['priority']
  readonly signal?: AbortSignal | undefined
  /** The mapper's reading of used-weight headers. */
  readonly usedWeight?: RestMapper['usedWeight'] | undefined
  /** Whether a short answer asks in its own words for less, whatever its status: Kraken says so with HTTP 200. */
  readonly saysLimited?: ((body: string) => boolean) | undefined
}

/** What came of a request. */
export type RestOutcome =
  | {
      readonly isAnswered: true
      readonly status: number
      /** Lower-case names. */
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
      /** The exchange's clock when it made this answer, ms: its Date header less its Age; undefined: not said. */
      readonly dateMs: number | undefined
      /** From the request to the answer's headers, ms. */
      readonly elapsedMs: number
    }
  /** `slow`: cut off · `too_large`: body over the limit · `unreachable`: everything else. */
  | {
      readonly isAnswered: false
      readonly fault: 'slow' | 'too_large' | 'unreachable'
      readonly reason: string
    }

/** From the request to the answer's headers, ms. */
const HEADERS_MS = 10_000
/** From there to the end of its body, ms. */
const BODY_MS = 30_000
/** Largest body, bytes after decompression. Binance's exchangeInfo is about 10 MiB. */
const BODY_BYTES = 16 * 1024 * 1024
/** An answer that is longer is not an error's, characters. */
const ERROR_LENGTH = 2000

/** A client whose timeouts go by `clock`. */
export function createRestClient({
  broker,
  clock,
}: {
  readonly broker: Broker
  readonly clock: Clock
}): RestClient {
  return {
    async get(restUrl, request, { priority, signal, usedWeight, saysLimited }) {
      const address = addressOf(restUrl)
      await broker.grant({ address, kind: 'rest', weight: request.weight, priority }, signal)
      const url = restUrl.replace(/\/+$/, '') + request.path
      const outcome = await ask(url, clock, signal)
      const headers = outcome.isAnswered ? outcome.headers : {}
      const isLimited =
        outcome.isAnswered && outcome.body.length < ERROR_LENGTH && saysLimited?.(outcome.body) === true
      broker.report({
        address,
        kind: 'rest',
        status: outcome.isAnswered ? (isLimited && outcome.status < 400 ? 429 : outcome.status) : undefined,
        retryAfterMs: parseRetryAfter(headers['retry-after'], parseDate(headers) ?? clock.now()),
        usedWeight: usedWeight?.(headers),
      })
      signal?.throwIfAborted()
      return outcome
    },
  }
}

async function ask(url: string, clock: Clock, signal: AbortSignal | undefined): Promise<RestOutcome> {
  const limit = createLimit(clock, signal)
  try {
    const askedMs = clock.monotonicMs()
    limit.start(HEADERS_MS, 'no answer')
    // A redirect is not followed: it would go round the broker.
    const { status, headers, body: bodyOf } = await httpGet(url, HEADERS, limit.signal)
    const elapsedMs = clock.monotonicMs() - askedMs
    limit.start(BODY_MS, 'no end of the answer')
    const body = await bodyOf(BODY_BYTES)
    if (body === undefined) {
      limit.cut('too large')
      return { isAnswered: false, fault: 'too_large', reason: `an answer of over ${BODY_BYTES} bytes` }
    }
    return { isAnswered: true, status, headers, body, dateMs: parseDate(headers), elapsedMs }
  } catch (error) {
    const slow = limit.expired()
    if (slow !== undefined) return { isAnswered: false, fault: 'slow', reason: slow }
    return { isAnswered: false, fault: 'unreachable', reason: reasonOf(error) }
  } finally {
    limit.stop()
  }
}

const HEADERS = { accept: 'application/json', 'user-agent': 'kx' }

/** One time limit at a time, and the caller's own signal, as one signal. */
function createLimit(clock: Clock, outer: AbortSignal | undefined) {
  const cutter = new AbortController()
  let timer = new AbortController()
  let expired: string | undefined
  const forward = () => cutter.abort(outer?.reason)
  if (outer?.aborted) forward()
  outer?.addEventListener('abort', forward, { once: true })
  return {
    signal: cutter.signal,
    start(ms: number, what: string) {
      timer.abort()
      timer = new AbortController()
      void clock.sleep(ms, timer.signal).then((isOver) => {
        if (!isOver) return
        expired = `${what} within ${ms / 1000} s`
        cutter.abort()
      })
    },
    cut: (reason: string) => cutter.abort(new Error(reason)),
    expired: () => expired,
    stop() {
      timer.abort()
      outer?.removeEventListener('abort', forward)
    },
  }
}

/** `ECONNREFUSED`, where there is such a word. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
