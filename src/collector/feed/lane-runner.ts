import type { Instrument } from '../../base/index.ts'
import { addressOf } from '../broker/address.ts'
import { eventLine } from '../delivery/index.ts'
import type { Mapper } from '../exchange/index.ts'
import type { ClockOffset } from './clock-offset.ts'
import { awaitsData, isDead } from './connection.ts'
import { createDataWatch } from './data-watch.ts'
import type { FeedContext } from './feed.ts'
import type { FeedCounts } from './feed-counts.ts'
import type { Heard } from './hear-frame.ts'
import { createLane, type Lane } from './lane.ts'
import { createLiveConnection, type LiveConnection, momentOf } from './live-connection.ts'
import { reduceLane } from './machine.ts'
import type { LaneEffect, LaneEvent, Told } from './machine-types.ts'

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

/** A lane at work: what its state machine decides is done. */
export interface LaneRunner {
  lane(): Lane
  tell(event: LaneEvent): void
  /** Connections there are, whether open or not. */
  connections(): readonly LiveConnection[]
  /** Lands an event that is nobody's but the lane's. */
  note(told: Told): void
  tick(): void
}

/** A lane that waits for `{ type: 'start' }`. */
export function createLaneRunner(options: LaneOptions): LaneRunner {
  const { context, mapper, instruments, url, counts, random } = options
  const { clock, broker, log } = context
  const byNative = new Map(instruments.map((one) => [one.nativeSymbol, one]))
  const connections = new Map<number, { live: LiveConnection; leave: AbortController }>()
  const queue: LaneEvent[] = []
  let lane = createLane([...byNative.keys()])
  let feedId = context.nextFeedId(mapper.exchange)
  let isFeedIdUsed = false
  let isBusy = false

  const tell = (event: LaneEvent) => {
    queue.push(event)
    // What a deed leads to is decided after it, not in the middle of it.
    if (isBusy) return
    isBusy = true
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const moment = { nowMs: clock.monotonicMs(), random: random() }
        const step = reduceLane(lane, next, moment, mapper.limits)
        lane = step.lane
        for (const effect of step.effects) act(effect)
      }
    } finally {
      isBusy = false
    }
  }
  const connectionOf = (id: number) =>
    lane.main?.id === id ? lane.main : lane.heir?.id === id ? lane.heir : undefined
  const note = (told: Told, of = feedId) =>
    land(options, told, { feedId: of, instrument: byNative.get(told.symbol ?? '') })
  const hear = (id: number, heard: Heard) => {
    if (heard.type === 'complaint')
      log('warn', `${heard.cause} ${mapper.exchange}`, `${mapper.exchange}: ${heard.message}`)
    else if (heard.type === 'connection') tell({ type: 'connection', id, event: heard.event })
    else tell({ ...heard, id })
  }
  const begin = (id: number) => {
    if (isFeedIdUsed) feedId = context.nextFeedId(mapper.exchange)
    isFeedIdUsed = true
    const leave = new AbortController()
    const address = addressOf(url)
    const live = createLiveConnection({
      ...options,
      clock,
      feedId,
      land: context.land,
      hear: (heard) => hear(id, heard),
      awaits: (symbol) => {
        const connection = connectionOf(id)
        return connection !== undefined && awaitsData(connection, symbol)
      },
      report: (status, retryAfterMs) =>
        broker.report({ address, kind: 'connect', status, retryAfterMs, usedWeight: undefined }),
    })
    connections.set(id, { live, leave })
    void broker.grant({ address, kind: 'connect', weight: 1, priority: 'live' }, leave.signal).then(
      () => tell({ type: 'connection', id, event: { type: 'granted' } }),
      (error: unknown) => {
        const end = { cause: 'collector', details: { error: String(error) } }
        tell({ type: 'connection', id, event: { type: 'lost', end } })
      },
    )
  }
  const probe = ({ id, symbol, ageMs }: Extract<LaneEffect, { type: 'probe' }>) => {
    // By the exchange's clock, and after the trade that the newest data told of.
    const sinceMs = clock.now() - ageMs + (options.offset.offsetMs() ?? 0) + PROBE_SLACK_MS
    const answer = (hadTrades: boolean | undefined) =>
      tell({ type: 'connection', id, event: { type: 'probed', symbol, ageMs, hadTrades } })
    context.hadTrades(mapper.exchange, symbol, sinceMs).then(answer, () => answer(undefined))
  }
  const end = (id: number, cause: string) => {
    const connection = connections.get(id)
    connections.delete(id)
    counts.reconnectsByCause[cause] = (counts.reconnectsByCause[cause] ?? 0) + 1
    connection?.leave.abort()
    connection?.live.end(cause)
  }
  const act = (effect: LaneEffect) => {
    const live = effect.id === undefined ? undefined : connections.get(effect.id)?.live
    switch (effect.type) {
      case 'ask':
        return begin(effect.id)
      case 'open':
        return live?.open()
      case 'subscribe':
      case 'unsubscribe':
        return live?.ask(effect.type, effect.symbols)
      case 'doubt':
        return live?.doubt(effect.symbol, effect.isInDoubt)
      case 'probe':
        return probe(effect)
      case 'end':
        return end(effect.id, effect.cause)
      case 'tell':
        return note(effect, live?.feedId)
    }
  }
  const unseen = createDataWatch(0)
  return {
    lane: () => lane,
    tell,
    note,
    connections: () => [...connections.values()].map(({ live }) => live),
    tick() {
      for (const [id, { live }] of connections) {
        if (options.isPaused()) live.watch.frame(clock.monotonicMs())
        const connection = connectionOf(id)
        live.tick(connection !== undefined && isDead(connection))
      }
      tell({ type: 'tick', seen: (id) => connections.get(id)?.live.watch ?? unseen })
    },
  }
}

/** Frames may come sooner than our clock says: a trade that was delivered must not count as missed, ms. */
const PROBE_SLACK_MS = 2_000

function land(
  { context, mapper }: LaneOptions,
  { event, symbol, attempt, cause, details, level }: Told,
  { feedId, instrument }: { feedId: string; instrument: Instrument | undefined },
): void {
  const { clock, log } = context
  const named = instrument && { native_symbol: instrument.nativeSymbol, quote_asset: instrument.quoteAsset }
  const said = named || details ? { ...named, ...details } : undefined
  const line = eventLine(momentOf({ clock, mapper, feedId }), {
    symbol: instrument?.symbol,
    event,
    atMs: clock.now(),
    attempt,
    cause,
    details: said,
  })
  context.land([line])
  if (level === undefined) return
  const why = [cause, details && JSON.stringify(details)].filter((part) => part !== undefined).join(' ')
  const of = symbol === undefined ? mapper.exchange : `${mapper.exchange} ${symbol}`
  log(level, `${event} ${of}`, `${of}: ${event.replaceAll('_', ' ')}${why === '' ? '' : ` (${why})`}`)
}
