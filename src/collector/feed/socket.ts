import type { IncomingMessage } from 'node:http'
import { type RawData, WebSocket } from 'ws'
import { parseRetryAfter } from '../broker/response-headers.ts'
import type { End } from './machine-types.ts'

/** What a socket tells; nothing more after `onLost`, or once it was terminated. */
export interface SocketListener {
  onOpen(): void
  onFrame(frame: string): void
  /** A ping or pong of the protocol: the other side lives. */
  onBeat(): void
  /** It could not be opened, or is gone. `status`: HTTP's, where the handshake was answered. */
  onLost(end: End, status: number | undefined): void
}

/** One WebSocket. */
export interface FeedSocket {
  send(frame: string): void
  /** Takes nothing from the network until `resume`. */
  pause(): void
  resume(): void
  /** Hangs up at once: an exchange that does not answer must not keep it open. */
  terminate(): void
}

/** No frame of an exchange is near it, bytes. */
const LARGEST_FRAME = 16 * 1024 * 1024
/** A last resort, real ms: the state machine gives up sooner, by its own clock. */
const HANDSHAKE_MS = 30_000

/**
 * Connects to `url`. Without deflate, which costs 20 to 40 times the CPU; pings of the server are answered by `ws`.
 *
 * @param now the wall clock, ms, by which a Retry-After that names a date is read
 */
export function openSocket(url: string, listener: SocketListener, now: () => number): FeedSocket {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: LARGEST_FRAME,
    handshakeTimeout: HANDSHAKE_MS,
    followRedirects: false,
  })
  let isOver = false
  let wasOpen = false
  let fault: Error | undefined
  const lost = (end: End, status?: number) => {
    if (isOver) return
    isOver = true
    listener.onLost(end, status)
  }
  socket.on('open', () => {
    wasOpen = true
    if (!isOver) listener.onOpen()
  })
  socket.on('message', (frame) => {
    if (!isOver) listener.onFrame(textOf(frame))
  })
  for (const beat of ['ping', 'pong'] as const) {
    socket.on(beat, () => {
      if (!isOver) listener.onBeat()
    })
  }
  socket.on('unexpected-response', (request, response) => {
    request.destroy()
    lost(refusalOf(response, now()), response.statusCode)
  })
  socket.on('error', (error) => {
    fault = error
    if (!wasOpen) return lost(failureOf(error))
    // It takes nothing more in, and would wait half a minute for the other side's goodbye.
    socket.terminate()
  })
  socket.on('close', (code, reason) => lost(closeOf(code, reason.toString(), fault)))
  return {
    send(frame) {
      // A socket that closes in this moment says so by itself.
      if (socket.readyState === WebSocket.OPEN) socket.send(frame, () => undefined)
    },
    pause: () => {
      if (socket.readyState === WebSocket.OPEN) socket.pause()
    },
    resume: () => {
      if (socket.readyState === WebSocket.OPEN) socket.resume()
    },
    terminate() {
      isOver = true
      socket.terminate()
    },
  }
}

function textOf(frame: RawData): string {
  if (Buffer.isBuffer(frame)) return frame.toString()
  return (Array.isArray(frame) ? Buffer.concat(frame) : Buffer.from(frame)).toString()
}

function refusalOf({ statusCode, headers }: IncomingMessage, nowMs: number): End {
  const retryAfterMs = parseRetryAfter(headers['retry-after'], nowMs)
  return { cause: 'handshake_refused', details: { status: statusCode }, retryAfterMs }
}

function failureOf(error: Error): End {
  const code = codeOf(error)
  const details = { error: code ?? error.message }
  // System errors are in capitals (ECONNREFUSED, ENOTFOUND), those of ws begin with WS_ERR or have no code.
  const isSystem = code !== undefined && !code.startsWith('WS_')
  return { cause: isSystem ? 'unreachable' : 'handshake_failed', details }
}

/** 1006: without a goodbye. */
function closeOf(code: number, reason: string, fault: Error | undefined): End {
  const error = fault && codeOf(fault)
  if (error?.startsWith('WS_')) return { cause: 'bad_frame', details: { error } }
  if (code === 1006) return { cause: 'lost', details: error === undefined ? undefined : { error } }
  return { cause: 'closed_by_exchange', details: { code, ...(reason !== '' && { reason }) } }
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
