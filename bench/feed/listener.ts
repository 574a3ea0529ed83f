// One listener of the blaster: `listener bare|kx PORT FRAMES DIRECTORY`. Prints, when the last frame is done with, how
// long it took from the first one and how the event loop fared.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import WebSocket from 'ws'
import { type Instrument, systemClock } from '../../src/base/index.ts'
import { keepCodeSmall, keepHeapSmall } from '../../src/cli/shared/small-heap.ts'
import { openFeed } from '../../src/collector/feed/open-feed.ts'
import { openLanding } from '../../src/collector/landing/index.ts'

const [kind = '', port = '', count = '', directory = ''] = process.argv.slice(2)
const frames = Number(count)
const instruments: Instrument[] = Array.from({ length: 30 }, (_, i) => ({
  exchange: 'kraken',
  nativeSymbol: `C${i}/USD`,
  symbol: `C${i}-USD`,
  quoteAsset: 'USD',
  multiplier: 1,
  marketType: 'spot',
  listedFromMs: undefined,
  listedToMs: undefined,
  renamedFrom: undefined,
  aliases: [],
}))
/** As a worker: above this, sockets wait. */
const ROOM_BYTES = 16 << 20

if (kind === 'kx') {
  keepHeapSmall()
  keepCodeSmall()
}
const delay = monitorEventLoopDelay({ resolution: 5 })
const result = kind === 'kx' ? await listenKx() : await listenBare()
delay.disable()
const cpu = process.cpuUsage()
console.log(
  JSON.stringify({
    ...result,
    delayP99Ms: delay.percentile(99) / 1e6,
    cpuMs: (cpu.user + cpu.system) / 1000,
    peakMb: process.resourceUsage().maxRSS / 1024,
  }),
)
process.exit(0)

/** What nobody can do without: the socket and JSON.parse. */
function listenBare(): Promise<{ ms: number }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v2`, { perMessageDeflate: false })
  const symbol = instruments.map(({ nativeSymbol }) => nativeSymbol)
  socket.on('open', () =>
    socket.send(JSON.stringify({ method: 'subscribe', params: { channel: 'ohlc', symbol }, req_id: 1 })),
  )
  let seen = 0
  let startedMs = 0
  return new Promise((resolve) => {
    socket.on('message', (text) => {
      const frame = JSON.parse(String(text)) as { channel?: string }
      if (frame.channel !== 'ohlc') return
      if (seen === 0) start()
      if (++seen === frames) resolve({ ms: performance.now() - startedMs })
    })
  })
  function start(): void {
    startedMs = performance.now()
    delay.enable()
  }
}

/** A feed as a worker runs it, into a landing on disk; done when the last line is synced. */
async function listenKx(): Promise<{ ms: number; lines: number }> {
  const landing = openLanding({
    directory,
    partPrefix: 'part-bench-1-1',
    clock: systemClock,
    onSynced: () => {},
    onTrouble: (error) => error && console.error(error.message),
  })
  let startedMs = 0
  let lines = 0
  let done = () => {}
  const isDone = new Promise<void>((resolve) => {
    done = resolve
  })
  const feed = openFeed(
    {
      clock: systemClock,
      broker: { grant: async () => {}, report: () => {} },
      nextFeedId: (exchange) => `bench-1-1-${exchange}-1`,
      land(more) {
        landing.append(more)
        for (const { folder } of more) {
          if (!folder.includes('/symbol=')) continue
          if (lines++ === 0) start()
        }
        // Each frame gives a line of its own; those that close a minute come on top.
        if (lines >= frames) done()
      },
      hasRoom: () => landing.pendingBytes() < ROOM_BYTES,
      hadTrades: async () => undefined,
      log: (_, cause, message) => console.error(cause, message),
    },
    {
      exchange: 'kraken',
      kind: 'candles',
      instruments,
      tickSymbols: undefined,
      settings: {
        exchange: 'kraken',
        wsUrl: `ws://127.0.0.1:${port}/v2`,
        restUrl: `http://127.0.0.1:1`,
        hasCandles: true,
        ticks: undefined,
      },
    },
  )
  await isDone
  await landing.commit()
  const ms = performance.now() - startedMs
  await feed.stop('bench')
  return { ms, lines }
  function start(): void {
    startedMs = performance.now()
    delay.enable()
  }
}
