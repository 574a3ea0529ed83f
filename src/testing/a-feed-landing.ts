import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { candleLine, eventLine, tickLine, uptimeLine } from '../collector/delivery/index.ts'
import type { SyncedPart } from '../collector/landing/index.ts'
import type { LandingLine, Origin } from '../collector/record/index.ts'

const START_MS = Date.UTC(2024, 4, 1, 13)
const MINUTE_MS = 60_000

/** What a feed lands with its `n`th frame. */
export type LineOf = (n: number) => LandingLine

/** Lines of every channel, as the collector writes them; a candle's second symbol has another quote. */
export const linesByChannel: Readonly<Record<'btc' | 'btcUsdc' | 'ticks' | 'events' | 'uptime', LineOf>> = {
  btc: (n) => candle(n, 'BTC/USD', 'USD'),
  btcUsdc: (n) => candle(n, 'BTC/USDC', 'USDC'),
  ticks: (n) => tickLine({ origin: originOf(n), row: n % 3, instrument: tickInstrument, tick: tickOf(n) }),
  events: (n) => eventLine(originOf(n), eventOf(n)),
  uptime: (n) => uptimeLine(originOf(n), uptimeOf(n)),
}

/** The landing of one collector's start, written line by line as a test wants it. */
export interface FeedLanding {
  readonly directory: string
  /** Lines that were appended and synced, by channel. */
  readonly written: Readonly<Record<string, number>>
  /** Appends so many lines of a channel; `torn` bytes of the next one follow, not synced. */
  append(channel: keyof typeof linesByChannel, lines: number, torn?: number): void
  /** The parts, as far as they are synced. */
  parts(): SyncedPart[]
}

/** An empty landing below `directory`, of the boot `boot`. */
export function aFeedLanding(directory: string, boot = 'b1'): FeedLanding {
  const bytesByPath = new Map<string, number>()
  const tornByPath = new Map<string, Buffer>()
  const written: Record<string, number> = {}

  function write(path: string, bytes: Buffer): void {
    const file = join(directory, path)
    mkdirSync(dirname(file), { recursive: true })
    // The rest of a line that was torn comes first.
    appendFileSync(file, bytes.subarray(tornByPath.get(path)?.length ?? 0))
    tornByPath.delete(path)
    bytesByPath.set(path, (bytesByPath.get(path) ?? 0) + bytes.length)
  }
  return {
    directory,
    written,
    append(channel, lines, torn = 0) {
      for (let i = 0; i < lines; i++) {
        const n = written[channel] ?? 0
        written[channel] = n + 1
        const { path, bytes } = placed(linesByChannel[channel](n), channel, boot)
        write(path, bytes)
      }
      const next = placed(linesByChannel[channel](written[channel] ?? 0), channel, boot)
      const isTorn = tornByPath.has(next.path)
      if (torn === 0 || isTorn || !bytesByPath.has(next.path)) return
      const half = next.bytes.subarray(0, Math.min(torn, next.bytes.length - 1))
      appendFileSync(join(directory, next.path), half)
      tornByPath.set(next.path, half)
    },
    parts: () => Array.from(bytesByPath, ([path, bytes]) => ({ path, bytes, isSealed: false })),
  }
}

/** The part that a line goes to; two channels of one folder have parts of their own. */
function placed(
  { folder, text }: LandingLine,
  channel: string,
  boot: string,
): { path: string; bytes: Buffer } {
  return { path: `${folder}/part-c1-${boot}-${channel}-0.jsonl`, bytes: Buffer.from(`${text}\n`) }
}

function originOf(n: number): Origin {
  return {
    exchange: 'kraken',
    feedId: 'c1-b1-0-kraken-1',
    sequence: n,
    // Twenty frames to a minute: ten minutes before the hour's end to some after it.
    receivedAtMs: START_MS + 50 * MINUTE_MS + n * 3000,
    monotonicNs: BigInt(n) * 3_000_000_000n,
  }
}

function candle(n: number, nativeSymbol: string, quoteAsset: string): LandingLine {
  const startMs = START_MS + (50 + n) * MINUTE_MS
  const price = String(60_000 + n)
  return candleLine({
    origin: { ...originOf(n), feedId: `c1-b1-0-kraken-${quoteAsset}` },
    row: 0,
    channel: 'ohlc',
    source: 'ws',
    isFinal: n % 2 === 0,
    proof: n % 2 === 0 ? 'sent' : null,
    instrument: { symbol: 'BTC-USD', quoteAsset },
    candle: {
      startMs,
      intervalMs: MINUTE_MS,
      close: Number(price),
      isFinal: n % 2 === 0,
      nativeSymbol,
      prices: {
        open: price,
        high: price,
        low: price,
        close: price,
        volume: '0.5',
        quoteVolume: undefined,
        vwap: price,
        tradeCount: '3',
      },
      eventAt: undefined,
      raw: `{"symbol":"${nativeSymbol}","close":${price}}`,
    },
  })
}

const tickInstrument = { symbol: 'ETH-USD', quoteAsset: 'USDT' }

function tickOf(n: number) {
  return {
    nativeSymbol: 'ETHUSDT',
    unifiedSymbol: 'ETH/USDT',
    price: `${3000 + n}.25`,
    bid: '3000.1',
    ask: n % 2 === 0 ? '3000.2' : undefined,
    last: `${3000 + n}.25`,
    open: undefined,
    high: undefined,
    low: undefined,
    baseVolume: '12.5',
    quoteVolume: undefined,
    exchangeAt: '2024-05-01T13:50:00.123Z',
    isSampled: n % 5 === 0,
    raw: '{"s":"ETHUSDT"}',
  }
}

function eventOf(n: number) {
  return {
    symbol: n % 2 === 0 ? 'BTC-USD' : undefined,
    event: 'subscribed',
    atMs: originOf(n).receivedAtMs,
    attempt: n % 3 === 0 ? undefined : n,
    cause: n % 4 === 0 ? 'a "quoted" cause' : undefined,
    details: n % 2 === 0 ? { frames: n, names: ['a', 'b'] } : undefined,
  }
}

function uptimeOf(n: number) {
  const fromMs = originOf(n).receivedAtMs
  return { channel: 'ohlc', symbol: undefined, fromMs, toMs: fromMs + 3000, cause: undefined }
}
