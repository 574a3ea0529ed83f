import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { type Clock, scaledClock } from '../base/index.ts'
import { simulatedInstruments } from '../collector/simulator/index.ts'
import {
  type FrameRecord,
  openSimulator,
  type Simulator,
  type SimulatorOptions,
} from '../collector/simulator/server/index.ts'

/** A clock that goes `factor` times as fast, from `at` on (default: 2024-05-01T12:58:10Z). */
export function aFastClock(factor: number, at = '2024-05-01T12:58:10Z'): Clock {
  const realMs = Date.now()
  const atMs = Date.parse(at)
  return scaledClock(() => ({ factor, realMs, atMs }))
}

/** Six coins on Binance US and Kraken, until the test is over. */
export async function aSimulator(
  options: Partial<SimulatorOptions> = {},
): Promise<Simulator & { readonly clock: Clock }> {
  const clock = options.clock ?? aFastClock(100)
  const simulator = await openSimulator({ seed: 5, instruments: simulatedInstruments, ...options, clock })
  onTestFinished(() => simulator[Symbol.asyncDispose]())
  return Object.assign(simulator, { clock })
}

/** A WebSocket client that remembers what it got. */
export interface TestSocket {
  readonly socket: WebSocket
  /** Text frames, in order. */
  readonly frames: readonly string[]
  /** Pings from the server. */
  readonly pings: readonly string[]
  /** How it ended: `1008 Too many requests`; 1006 without a close frame. */
  readonly closed: Promise<string>
  send(message: unknown): void
  /** The first frame from now on, or already there, that fits. Fails after 5 s. */
  next(fits: (frame: string) => boolean): Promise<string>
}

/** Connects, until the test is over. */
export async function aSocket(
  url: string,
  options: { readonly autoPong?: boolean } = {},
): Promise<TestSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false, ...options })
  const frames: string[] = []
  const pings: string[] = []
  const looks = new Set<(frame: string) => void>()
  socket.on('message', (frame) => {
    frames.push(String(frame))
    for (const look of looks) look(String(frame))
  })
  socket.on('ping', (payload) => pings.push(String(payload)))
  const closed = new Promise<string>((resolve) => {
    socket.on('close', (code, reason) => resolve(`${code} ${String(reason)}`.trim()))
  })
  onTestFinished(() => socket.terminate())
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  socket.on('error', () => undefined)
  return {
    socket,
    frames,
    pings,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: (fits) =>
      new Promise((resolve, reject) => {
        const end = (tell: () => void) => {
          clearTimeout(timer)
          looks.delete(look)
          tell()
        }
        const timer = setTimeout(
          () => end(() => reject(new Error(`no such frame; got ${frames.length}: ${frames.at(-1)}`))),
          5000,
        )
        const look = (frame: string) => {
          if (fits(frame)) end(() => resolve(frame))
        }
        const found = frames.find(fits)
        if (found !== undefined) return end(() => resolve(found))
        looks.add(look)
      }),
  }
}

/** What `aKrakenFeed` listens to. */
export const krakenSymbols: readonly string[] = ['BTC/USD', 'ETH/USD', 'SOL/USD']
/** A request for their candles, without a snapshot. */
export const ohlcRequest = {
  method: 'subscribe',
  params: { channel: 'ohlc', symbol: krakenSymbols, interval: 1, snapshot: false },
}

/** Whether a frame is a Kraken candle, but not of a snapshot. */
export function isUpdate(frame: string): boolean {
  return frame.includes('"type":"update","timestamp"')
}

/** A client of Kraken that has had its first candle. */
export async function aKrakenFeed(simulator: Simulator): Promise<TestSocket> {
  const socket = await aSocket(simulator.urls.kraken.ws)
  socket.send(ohlcRequest)
  await socket.next(isUpdate)
  return socket
}

/** A client of Binance US that has had its first candle of BTCUSDT or ETHUSDT. */
export async function aBinanceFeed(simulator: Simulator): Promise<TestSocket> {
  const socket = await aSocket(`${simulator.urls.binance_us.ws}/ws/btcusdt@kline_1m/ethusdt@kline_1m`)
  await socket.next((frame) => frame.includes('kline'))
  return socket
}

/** The frames in a simulator's log. */
export async function sentFrames({ log }: Simulator): Promise<FrameRecord[]> {
  const frames: FrameRecord[] = []
  for await (const record of log.read()) if (record.type === 'frame') frames.push(record)
  return frames
}
