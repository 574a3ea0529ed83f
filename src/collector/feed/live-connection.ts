import { type FeedMoment, uptimeLine } from '../delivery/index.ts'
import type { UptimeSegment } from '../record/index.ts'
import type { ClockOffset } from './clock-offset.ts'
import { createDataWatch, type DataWatch } from './data-watch.ts'
import { createIntake, type IntakeOptions } from './frame-intake.ts'
import { type Heard, hearFrame } from './hear-frame.ts'
import type { ConnectionEvent, End } from './machine-types.ts'
import { createPacer } from './pacer.ts'
import { createPings } from './pings.ts'
import { createRequests } from './requests.ts'
import { type FeedSocket, openSocket } from './socket.ts'
import { createUptime } from './uptime.ts'

/** What a connection needs of its feed. */
export interface LiveOptions extends IntakeOptions {
  /** With its path. */
  readonly url: string
  readonly offset: ClockOffset
  readonly hear: (heard: Heard) => void
  /** Whether the machine wants to hear of data of a symbol. */
  readonly awaits: (symbol: string) => boolean
  /** How the handshake was answered; `status` undefined: not at all. */
  readonly report: (status: number | undefined, retryAfterMs: number | undefined) => void
}

/** One connection as it really is: its socket, its delivery, what was seen of it. It decides nothing. */
export interface LiveConnection {
  readonly feedId: string
  readonly watch: DataWatch
  open(): void
  ask(kind: 'subscribe' | 'unsubscribe', symbols: readonly string[]): void
  doubt(symbol: string, isInDoubt: boolean): void
  /** Takes nothing from the network until `resume`. */
  pause(): void
  resume(): void
  /** What time brings: pings, and uptime that has grown. `isDead`: only data counts as up. */
  tick(isDead: boolean): void
  /** Lands how long it was up until now; it goes on from the next frame. */
  cutUptime(cause: string): void
  /** Hangs up; `cause` ends its uptime. */
  end(cause: string): void
}

/** A connection that is not open yet. */
export function createLiveConnection(options: LiveOptions): LiveConnection {
  const { clock, mapper, feedId, hear, land } = options
  const intake = createIntake(options)
  const watch = createDataWatch(clock.monotonicMs())
  const uptime = createUptime(mapper.channel)
  const requests = createRequests(mapper)
  let socket: FeedSocket | undefined
  let isOpen = false
  let hasData = false
  let isSilent = false
  const known = new Set(options.instruments.map(({ nativeSymbol }) => nativeSymbol))
  const write = (frame: string) => socket?.send(frame)
  const pacer = createPacer({ clock, everyMs: mapper.limits.sendEveryMs, write })
  const pings = createPings({ ...options, send: pacer.send, nextId: requests.nextId })

  const tell = (event: ConnectionEvent) => hear({ type: 'connection', event })
  const landUptime = (segments: readonly UptimeSegment[]) => {
    if (segments.length === 0) return
    const moment = momentOf(options)
    land(segments.map((segment) => uptimeLine(moment, segment)))
  }
  const onFrame = (frame: string) => {
    const nowMs = clock.monotonicMs()
    watch.frame(nowMs)
    const { parsed, receivedAtMs, fault } = intake.take(frame, nowMs)
    if (parsed.kind === 'candles') {
      hasData = true
      isSilent = false
      for (const { nativeSymbol } of parsed.rows) {
        if (!known.has(nativeSymbol)) continue
        watch.data(nativeSymbol, nowMs)
        if (options.awaits(nativeSymbol)) tell({ type: 'data', symbol: nativeSymbol })
      }
    } else {
      if (parsed.kind === 'heartbeat') pings.answered(parsed.serverMs)
      const heard = hearFrame(parsed, requests)
      if (heard !== undefined) hear(heard)
    }
    if (hasData && !isSilent) uptime.seen(receivedAtMs)
    if (fault) tell({ type: 'lost', end: { cause: 'collector', details: { error: fault.message } } })
  }
  const listener = {
    onOpen() {
      isOpen = true
      watch.frame(clock.monotonicMs())
      options.report(101, undefined)
      tell({ type: 'opened', symbols: [] })
    },
    onFrame,
    onBeat() {
      watch.frame(clock.monotonicMs())
      if (hasData && !isSilent) uptime.seen(clock.now())
    },
    onLost(end: End, status: number | undefined) {
      if (!isOpen) options.report(status, end.retryAfterMs)
      tell({ type: 'lost', end })
    },
  }
  return {
    feedId,
    watch,
    open() {
      socket = openSocket(options.url, listener, () => clock.now())
    },
    ask(kind, symbols) {
      for (const asked of requests.ask(kind, symbols)) {
        pacer.send(asked.frame, () => {
          if (kind === 'subscribe') tell({ type: 'sent', symbols: asked.symbols })
        })
      }
    },
    doubt: intake.doubt,
    pause: () => socket?.pause(),
    resume: () => socket?.resume(),
    tick(isDead) {
      if (isOpen) pings.tick()
      landUptime(isDead && !isSilent ? uptime.end('silent') : uptime.grown())
      isSilent = isDead
    },
    cutUptime: (cause) => landUptime(uptime.end(cause)),
    end(cause) {
      pacer.stop()
      socket?.terminate()
      isOpen = false
      landUptime(uptime.end(cause))
    },
  }
}

/** Where and when something happens to a feed now. */
export function momentOf({
  clock,
  mapper,
  feedId,
}: Pick<LiveOptions, 'clock' | 'mapper' | 'feedId'>): FeedMoment {
  return {
    exchange: mapper.exchange,
    feedId,
    receivedAtMs: clock.now(),
    monotonicNs: BigInt(Math.round(clock.monotonicMs() * 1e6)),
  }
}
