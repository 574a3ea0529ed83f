import type { HeldRow } from '../finality/index.ts'
import type { ClockOffset } from './clock-offset.ts'
import { createDataWatch, type DataWatch } from './data-watch.ts'
import { createIntake, type FrameIntake, type IntakeOptions } from './frame-intake.ts'
import { type Heard, hearFrame } from './hear-frame.ts'
import type { ConnectionEvent } from './machine-types.ts'
import { createPacer } from './pacer.ts'
import { createPings, type Pings } from './pings.ts'
import { createRequests, type Requests } from './requests.ts'
import { type FeedSocket, openSocket, type SocketListener } from './socket.ts'
import { createUptimeTeller, type UptimeTeller } from './uptime-teller.ts'

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
  /** Its newest row of a symbol. */
  held(symbol: string): HeldRow | undefined
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
  const { clock, mapper, feedId } = options
  const watch = createDataWatch(clock.monotonicMs())
  const uptime = createUptimeTeller({ ...options, exchange: mapper.exchange, channel: mapper.channel })
  const requests = createRequests(mapper)
  const intake = createIntake(options)
  let socket: FeedSocket | undefined
  const write = (frame: string) => socket?.send(frame)
  const pacer = createPacer({ clock, everyMs: mapper.limits.sendEveryMs, write })
  const pings = createPings({ ...options, send: pacer.send, nextId: requests.nextId })
  const listener = createListener(options, { watch, uptime, requests, intake, pings })
  return {
    feedId,
    watch,
    open() {
      socket = openSocket(options.url, listener, () => clock.now())
    },
    ask(kind, symbols) {
      for (const asked of requests.ask(kind, symbols)) {
        pacer.send(asked.frame, () => {
          if (kind === 'subscribe') tell(options, { type: 'sent', symbols: asked.symbols })
        })
      }
    },
    doubt: intake.doubt,
    held: intake.held,
    pause: () => socket?.pause(),
    resume: () => socket?.resume(),
    tick(isDead) {
      if (listener.isOpen()) pings.tick()
      uptime.tick(isDead)
    },
    cutUptime: uptime.end,
    end(cause) {
      pacer.stop()
      socket?.terminate()
      uptime.end(cause)
    },
  }
}

interface Parts {
  readonly watch: DataWatch
  readonly uptime: UptimeTeller
  readonly requests: Requests
  readonly intake: FrameIntake
  readonly pings: Pings
}

/** What is done with all that comes out of a socket. */
function createListener(
  options: LiveOptions,
  { watch, uptime, requests, intake, pings }: Parts,
): SocketListener & { isOpen(): boolean } {
  const { clock } = options
  const known = new Set(options.instruments.map(({ nativeSymbol }) => nativeSymbol))
  let isOpen = false
  return {
    isOpen: () => isOpen,
    onOpen() {
      isOpen = true
      watch.frame(clock.monotonicMs())
      options.report(101, undefined)
      tell(options, { type: 'opened', symbols: [] })
    },
    onFrame(frame) {
      const nowMs = clock.monotonicMs()
      watch.frame(nowMs)
      const { parsed, receivedAtMs, fault } = intake.take(frame, nowMs)
      if (parsed.kind === 'candles') {
        uptime.data(receivedAtMs, nowMs)
        for (const { nativeSymbol: symbol } of parsed.rows) {
          if (!known.has(symbol)) continue
          watch.data(symbol, nowMs)
          if (options.awaits(symbol)) tell(options, { type: 'data', symbol })
        }
        return
      }
      uptime.alive(receivedAtMs, nowMs)
      if (parsed.kind === 'heartbeat') pings.answered(parsed.serverMs)
      const heard = hearFrame(parsed, requests)
      if (heard !== undefined) options.hear(heard)
      if (fault)
        tell(options, { type: 'lost', end: { cause: 'collector', details: { error: fault.message } } })
    },
    onBeat() {
      const nowMs = clock.monotonicMs()
      watch.frame(nowMs)
      uptime.alive(clock.now(), nowMs)
    },
    onLost(end, status) {
      if (!isOpen) options.report(status, end.retryAfterMs)
      isOpen = false
      tell(options, { type: 'lost', end })
    },
  }
}

function tell({ hear }: LiveOptions, event: ConnectionEvent): void {
  hear({ type: 'connection', event })
}
