import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { FrameFate, SentLog } from './sent-log.ts'
import type { Venue } from './venue.ts'

/** One WebSocket client of a simulated exchange. */
export interface Connection {
  /** `kraken-7`: counts per exchange. */
  readonly id: string
  readonly venue: Venue
  /** With its query, as it was asked for. */
  readonly path: string
  readonly openedMs: number
  readonly isOpen: boolean
  /** Nothing is read or written any more, and nobody is told. */
  readonly isHung: boolean
  /** Sends a frame, as far as no fault is in the way. */
  send(frame: OutFrame): void
  /** Sends a frame past all faults, and writes it down. */
  deliver(frame: OutFrame, how?: Delivery): void
  /** Sends nothing, and writes down that it would have. */
  withhold(frame: OutFrame): void
  ping(): void
  /** Whether a subscription of this symbol (the exchange's own name) is to be refused. */
  refuses(symbol: string): boolean
  /** Ends it with a close frame. */
  close(code: number, reason: string, cause: string): void
  /** Ends it with a TCP reset. */
  reset(cause: string): void
  /** Half open: it stops reading and writing, and stays. */
  hang(): void
  /** Called when it ended, for whatever reason; at once if it has. */
  onEnd(listener: () => void): void
}

/** A frame to send. */
export interface OutFrame {
  readonly text: string
  /** Undefined: an ack, a heartbeat, a status. */
  readonly market?: MarketNote | undefined
  /** The answer to what the client asked. */
  readonly isAnswer?: boolean
}

/** What a frame with market data holds. */
export interface MarketNote {
  readonly channel: 'candle' | 'ticker'
  readonly symbol: string
  readonly startsMs: readonly number[]
  /** Nothing comes after it for its minute: `x: true`, or the minute's last trade. */
  readonly isLast: boolean
  /** It makes the minute before it final: `x: true`, or a minute's first trade on Kraken. */
  readonly isClosing: boolean
}

/** How a frame goes out, where it is not simply sent. */
export interface Delivery {
  readonly fate?: FrameFate
  /** What goes over the wire in place of the frame's text. */
  readonly text?: string
  /** Over the wire in pieces, in this time, ms. */
  readonly overMs?: number
}

/** What faults make of frames and subscriptions. */
export interface FrameGate {
  /** Delivers a frame, withholds it or keeps it for later. */
  onFrame(connection: Connection, frame: OutFrame): void
  refuses(connection: Connection, symbol: string): boolean
}

/** What a connection is made of. */
export interface ConnectionParts {
  readonly id: string
  readonly venue: Venue
  readonly path: string
  readonly socket: Socket
  readonly webSocket: WebSocket
  readonly log: SentLog
  readonly gate: FrameGate
}

/** A client that reads slower than this is thrown out, as Binance does. */
const MOST_UNREAD_BYTES = 16 * 1024 ** 2

/** A connection on an accepted socket. */
export function openConnection(parts: ConnectionParts): Connection {
  const { id, venue, path, socket, webSocket, log, gate } = parts
  const { exchange, timeline } = venue
  const openedMs = timeline.now()
  const port = socket.remotePort
  const listeners: (() => void)[] = []
  /** Open until it begins to close; over when the socket is gone. */
  let [isOpen, isOver, isHung, sequence, cause] = [true, false, false, 0, 'client']
  /** While a frame goes out in pieces, those behind it wait here. */
  let waiting: (() => void)[] | undefined

  const record = (frame: OutFrame, fate: FrameFate, at: number) => {
    if (frame.market === undefined) return
    const { channel, symbol, startsMs } = frame.market
    const isHealthy = fate === 'sent' && !isHung
    const where = { atMs: timeline.now(), exchange, connection: id, sequence: at }
    log.write({ type: 'frame', ...where, channel, symbol, startsMs, isHealthy, fate, text: frame.text })
  }
  const write = (frame: OutFrame, { fate = 'sent', text = frame.text, overMs }: Delivery) => {
    if (!isOpen) return
    record(frame, fate, sequence++)
    if (overMs === undefined) webSocket.send(text)
    else writeInPieces(text, overMs)
    if (webSocket.bufferedAmount > MOST_UNREAD_BYTES) connection.reset('slow_reader')
  }
  const writeInPieces = (text: string, overMs: number) => {
    const third = Math.max(1, Math.floor(text.length / 3))
    const pieces = [text.slice(0, third), text.slice(third, 2 * third), text.slice(2 * third)]
    waiting = []
    pieces.forEach((piece, i) => {
      timeline.at(timeline.now() + (overMs * i) / 2, () => {
        if (isOpen && !isHung) webSocket.send(piece, { fin: i === 2 })
        if (i === 2) goOn()
      })
    })
  }
  const goOn = () => {
    const behind = waiting ?? []
    waiting = undefined
    for (const run of behind) run()
  }
  const end = (why: string) => {
    if (!isOpen) return false
    cause = why
    isOpen = false
    return true
  }

  const connection: Connection = {
    id,
    venue,
    path,
    openedMs,
    get isOpen() {
      return isOpen
    },
    get isHung() {
      return isHung
    },
    send(frame) {
      if (isOpen) gate.onFrame(connection, frame)
    },
    deliver(frame, how = {}) {
      if (!isOpen) return
      if (isHung) connection.withhold(frame)
      else if (waiting) waiting.push(() => connection.deliver(frame, how))
      else write(frame, how)
    },
    withhold: (frame) => record(frame, 'withheld', -1),
    ping() {
      if (isOpen && !isHung && !waiting) webSocket.ping(String(Math.floor(venue.now())))
    },
    refuses: (symbol) => gate.refuses(connection, symbol),
    close(code, reason, why) {
      if (end(why)) webSocket.close(code, reason)
    },
    reset(why) {
      if (end(why)) socket.resetAndDestroy()
    },
    hang() {
      isHung = true
      webSocket.pause()
    },
    onEnd(listener) {
      if (isOver) listener()
      else listeners.push(listener)
    },
  }
  webSocket.on('error', () => webSocket.terminate())
  webSocket.on('close', () => {
    isOpen = false
    isOver = true
    log.write({ type: 'close', atMs: timeline.now(), exchange, connection: id, port, cause })
    for (const listener of listeners) listener()
  })
  log.write({ type: 'open', atMs: openedMs, exchange, connection: id, port })
  return connection
}
