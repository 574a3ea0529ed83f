// An exchange that speaks Kraken's WebSocket v2 as fast as it is told: `node blaster.mjs FRAMES PER_SECOND`, 0 for as
// fast as the listener takes them. Prints its port, then, when all are sent, how long that took.
import { WebSocketServer } from 'ws'

const [frames, perSecond] = process.argv.slice(2).map(Number)
const MINUTE_MS = 60_000
/** What may wait in the socket before the blaster does. */
const MOST_BUFFERED = 4 << 20
const AT_ONCE = 64

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
server.on('listening', () => console.log(server.address().port))
server.on('connection', (socket) => {
  const symbols = []
  let isStarted = false
  socket.on('message', (data) => {
    const { method, params, req_id } = JSON.parse(String(data))
    if (method !== 'subscribe') return
    for (const symbol of params.symbol) {
      symbols.push(symbol)
      const result = { channel: 'ohlc', interval: 1, snapshot: true, symbol }
      socket.send(JSON.stringify({ method, result, success: true, req_id }))
    }
    if (isStarted) return
    isStarted = true
    setTimeout(() => blast(socket, symbols), 500)
  })
})

function blast(socket, symbols) {
  const startedMs = performance.now()
  let sent = 0
  const step = () => {
    const due =
      perSecond > 0
        ? Math.min(frames, Math.floor(((performance.now() - startedMs) / 1000) * perSecond))
        : frames
    const until = Math.min(due, sent + AT_ONCE)
    while (sent < until && socket.bufferedAmount < MOST_BUFFERED)
      socket.send(frameOf(symbols[sent % symbols.length], sent++))
    if (sent === frames) return console.log(JSON.stringify({ sendMs: performance.now() - startedMs }))
    if (sent < due && socket.bufferedAmount < MOST_BUFFERED) setImmediate(step)
    else setTimeout(step, 1)
  }
  step()
}

function frameOf(symbol, i) {
  const nowMs = Date.now()
  const beginMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS
  const begin = new Date(beginMs).toISOString().slice(0, -1)
  const end = new Date(beginMs + MINUTE_MS).toISOString().slice(0, -1)
  const at = new Date(nowMs).toISOString().slice(0, -1)
  return `{"channel":"ohlc","type":"update","timestamp":"${at}264627Z","data":[{"symbol":"${symbol}","open":85754.8,"high":85754.8,"low":85754.7,"close":85754.8,"trades":${i + 1},"volume":${(i + 1) / 1000},"vwap":85754.7,"interval_begin":"${begin}000000Z","interval":1,"timestamp":"${end}000Z"}]}`
}
