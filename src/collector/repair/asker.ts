import type { Clock } from '../../base/index.ts'
import type { BrokerAsk } from '../broker/broker.ts'
import type { RestClient } from '../broker/rest-client.ts'
import { deadLetterLine } from '../delivery/index.ts'
import type { Mapper, RestAnswer, RestRequest } from '../exchange/mapper.ts'
import type { LandingLine, Origin } from '../record/index.ts'
import { createExchangeTime } from './exchange-time.ts'
import { type JudgedAnswer, judgeAnswer } from './judge-answer.ts'

/** An exchange that can be asked for candles. */
export interface RepairExchange {
  readonly mapper: Mapper
  /** Of the settings, else the mapper's. */
  readonly restUrl: string
}

/** What asking needs to reach. */
export interface AskContext {
  readonly client: RestClient
  readonly clock: Clock
  /** Takes lines to the landing; resolves when they are on disk. */
  readonly land: (lines: readonly LandingLine[]) => Promise<void>
  /** `<collector>-<boot>-<worker>-<name>-<n>`, another one each time. */
  readonly nextFeedId: (name: string) => string
  readonly signal: AbortSignal
}

/** One exchange and what its answers told of its clock. */
export interface Asker {
  readonly exchange: RepairExchange
  readonly context: AskContext
  /** The exchange's clock now, ms; asked for when it was not heard of lately; undefined: it does not say. */
  serverMs(priority: BrokerAsk['priority']): Promise<number | undefined>
  /** The exchange's clock as its answers told it, ms; undefined: not heard of lately. */
  heardMs(): number | undefined
  /** Asks, and takes what nobody understands to dead letters. */
  ask<Value>(
    request: RestRequest,
    parse: (body: string) => RestAnswer<Value>,
    priority: BrokerAsk['priority'],
  ): Promise<AskedAnswer<Value>>
}

/** An answer, when the exchange was asked for it by its own clock, and its place among all answers. */
export type AskedAnswer<Value> = JudgedAnswer<Value> & {
  /** Not later than the truth; undefined: nobody knows, so nothing of it is final. */
  readonly askedAtMs: number | undefined
  readonly origin: Origin
}

/** Begins to ask an exchange; its answers are one feed, `<exchange>-rest`. */
export function openAsker(exchange: RepairExchange, context: AskContext): Asker {
  const { mapper, restUrl } = exchange
  const { client, clock, signal } = context
  const time = createExchangeTime(clock)
  const feedId = context.nextFeedId(`${mapper.exchange}-rest`)
  let sequence = 0
  let timeAskedMs = Number.NEGATIVE_INFINITY

  function nextOrigin(): Origin {
    const monotonicNs = BigInt(Math.round(clock.monotonicMs() * 1e6))
    const origin = { exchange: mapper.exchange, feedId, sequence, receivedAtMs: clock.now(), monotonicNs }
    sequence += 1
    return origin
  }

  const asker: Asker = {
    exchange,
    context,
    async serverMs(priority) {
      const { time: timeRequest, parseTime } = mapper.rest
      const isAskable = clock.monotonicMs() - timeAskedMs > TIME_EVERY_MS
      if (time.nowMs() === undefined && timeRequest && parseTime && isAskable) {
        timeAskedMs = clock.monotonicMs()
        const answer = await asker.ask(timeRequest(), parseTime, priority)
        if (answer.ok) time.heard(answer.value)
      }
      return time.nowMs()
    },
    heardMs: () => time.nowMs(),
    async ask(request, parse, priority) {
      const beforeMs = time.nowMs()
      const outcome = await client.get(restUrl, request, {
        priority,
        signal,
        usedWeight: mapper.rest.usedWeight,
        saysLimited(body) {
          const answer = parse(body)
          return !answer.ok && answer.fault === 'limited'
        },
      })
      const dateMs = outcome.isAnswered ? outcome.dateMs : undefined
      if (dateMs !== undefined) time.heard(dateMs)
      const elapsedMs = outcome.isAnswered ? outcome.elapsedMs : 0
      const askedAtMs = dateMs === undefined ? beforeMs : dateMs - elapsedMs
      const origin = nextOrigin()
      const judged = judgeAnswer(outcome, parse)
      if (!judged.ok && judged.deadLetter !== undefined) {
        const { reason, deadLetter: frame } = judged
        await context.land([deadLetterLine({ origin, channel: CHANNEL, reason, frame })])
      }
      return { ...judged, askedAtMs, origin }
    },
  }
  return asker
}

/** An exchange that does not tell its time is left alone for so long, ms. */
const TIME_EVERY_MS = 60_000
/** Of dead letters: a REST answer is not for the parser of frames. */
const CHANNEL = 'rest'
