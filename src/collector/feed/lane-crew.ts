import type { Instrument } from '../../base/index.ts'
import { addressOf } from '../broker/address.ts'
import type { Mapper } from '../exchange/index.ts'
import type { ClockOffset } from './clock-offset.ts'
import { awaitsData, type Connection } from './connection.ts'
import type { FeedContext } from './feed.ts'
import type { FeedCounts } from './feed-counts.ts'
import type { Heard } from './hear-frame.ts'
import { createLiveConnection, type LiveConnection } from './live-connection.ts'
import type { ConnectionEvent, LaneEffect } from './machine-types.ts'
import type { TradesAnswer } from './trades-question.ts'

/** Frames may come sooner than our clock says: a trade that was delivered must not count as missed, ms. */
const PROBE_SLACK_MS = 2_000

/** What a lane needs of its feed. */
export interface LaneOptions {
  readonly context: FeedContext
  readonly mapper: Mapper
  readonly instruments: readonly Instrument[]
  /** With its path. */
  readonly url: string
  readonly counts: FeedCounts
  readonly offset: ClockOffset
  readonly random: () => number
  /** Sockets take nothing from the network now. */
  readonly isPaused: () => boolean
}

/** Those who do what the machine decides. */
export interface Crew {
  readonly live: ReadonlyMap<number, LiveConnection>
  act(effect: Exclude<LaneEffect, { type: 'tell' }>): void
  /** Of a connection; the newest one's for what happens between two. */
  feedId(id: number | undefined): string
}

/** To whom the crew reports. */
export interface Ears {
  readonly hear: (id: number, heard: Heard) => void
  readonly connectionOf: (id: number) => Connection | undefined
}

/** A crew without connections. */
export function createCrew(options: LaneOptions, { hear, connectionOf }: Ears): Crew {
  const { context, mapper, url, counts } = options
  const { clock, broker, land } = context
  const { exchange } = mapper
  const address = addressOf(url)
  const live = new Map<number, LiveConnection>()
  const leaving = new Map<number, AbortController>()
  let feedId = context.nextFeedId(exchange)
  let isFeedIdUsed = false
  const tell = (id: number, event: ConnectionEvent) => hear(id, { type: 'connection', event })

  function begin(id: number): void {
    if (isFeedIdUsed) feedId = context.nextFeedId(exchange)
    isFeedIdUsed = true
    const awaits = (symbol: string) => {
      const connection = connectionOf(id)
      return connection !== undefined && awaitsData(connection, symbol)
    }
    const report = (status: number | undefined, retryAfterMs: number | undefined) =>
      broker.report({ address, kind: 'connect', status, retryAfterMs, usedWeight: undefined })
    const heard = (what: Heard) => hear(id, what)
    live.set(id, createLiveConnection({ ...options, clock, feedId, land, hear: heard, awaits, report }))
    askLeave(id)
  }
  function askLeave(id: number): void {
    const leave = new AbortController()
    leaving.set(id, leave)
    broker.grant({ address, kind: 'connect', weight: 1, priority: 'live' }, leave.signal).then(
      () => tell(id, { type: 'granted' }),
      (error: unknown) =>
        tell(id, { type: 'lost', end: { cause: 'collector', details: { error: String(error) } } }),
    )
  }
  function probe({ id, symbol, ageMs }: Extract<LaneEffect, { type: 'probe' }>): void {
    const tellAnswer = (answer: TradesAnswer | undefined) =>
      tell(id, { type: 'probed', symbol, ageMs, answer })
    const offsetMs = options.offset.offsetMs()
    // Ours may be an hour ahead: since a time that is yet to come there are never trades.
    if (offsetMs === undefined) return void tellAnswer(undefined)
    // By the exchange's clock, and after the trade that the newest data told of.
    const sinceMs = clock.now() - ageMs + offsetMs + PROBE_SLACK_MS
    const held = live.get(id)?.held(symbol)
    context
      .hadTrades({ exchange, nativeSymbol: symbol, sinceMs, held })
      .then(tellAnswer, () => tellAnswer(undefined))
  }
  function end(id: number, cause: string): void {
    counts.reconnectsByCause[cause] = (counts.reconnectsByCause[cause] ?? 0) + 1
    const connection = live.get(id)
    live.delete(id)
    leaving.get(id)?.abort()
    leaving.delete(id)
    connection?.end(cause)
  }
  return {
    live,
    feedId: (id) => (id === undefined ? undefined : live.get(id)?.feedId) ?? feedId,
    act(effect) {
      const connection = live.get(effect.id)
      if (effect.type === 'ask') begin(effect.id)
      else if (effect.type === 'open') connection?.open()
      else if (effect.type === 'doubt') connection?.doubt(effect.symbol, effect.isInDoubt)
      else if (effect.type === 'probe') probe(effect)
      else if (effect.type === 'end') end(effect.id, effect.cause)
      else connection?.ask(effect.type, effect.symbols)
    },
  }
}
