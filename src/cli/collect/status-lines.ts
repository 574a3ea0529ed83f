import type { CollectStatus, ExchangeStatus } from '../../collector/status/status.ts'
import { count, duration, plural, table } from '../shared/format.ts'

/** One calm line per exchange, in columns, and one for what reads the landing. */
export function statusLines(status: CollectStatus): string[] {
  const width = Math.max(...status.exchanges.map(({ exchange }) => exchange.length), 'landing'.length)
  return [
    ...table(status.exchanges.map(exchangeCells), [2, 3, 4, 5, 6, 7, 8]),
    ['landing'.padEnd(width), ...landingParts(status)].join('  '),
  ]
}

function exchangeCells(exchange: ExchangeStatus): string[] {
  const { symbolsLive, symbolsStale, symbolsRejected, messagesPerSecond, lagMs } = exchange
  return [
    exchange.exchange,
    exchange.state,
    plural(exchange.connections, 'connection'),
    `${symbolsLive} live`,
    `${symbolsStale.length} stale`,
    `${symbolsRejected.length} rejected`,
    `${rate(messagesPerSecond)} msg/s`,
    `lag ${lagMs === null ? '–' : lagText(lagMs)}`,
    bytesText(exchange.landedBytes),
    ...(exchange.deadLetters > 0 ? [plural(exchange.deadLetters, 'dead letter')] : []),
    ...(exchange.openMinutes ? [`${count(exchange.openMinutes)} minutes open`] : []),
  ]
}

function* landingParts({ landing, load, upload, workers }: CollectStatus): Generator<string> {
  yield landing.sinceSyncS === null
    ? 'nothing synced yet'
    : `synced ${duration(landing.sinceSyncS * 1000)} ago`
  if (landing.paused.length > 0) yield `disk full: no ${landing.paused.join(', no ')}`
  if (load) {
    yield load.trouble === undefined
      ? `bronze ${duration(load.ageMs)} behind (${bytesText(load.bytes)})`
      : `bronze away, ${bytesText(load.bytes)} wait`
  }
  if (upload) {
    const waits = `${plural(upload.parts, 'part')}, ${bytesText(upload.bytes)}`
    yield upload.trouble === undefined ? `store ${waits} to send` : `store away, ${waits} wait`
  }
  const troubled = workers.filter(({ phase }) => phase !== 'running' && phase !== 'starting')
  for (const { feeds, phase } of troubled) yield `worker of ${feeds.join(', ')} ${phase}`
}

/** `12 B`, `3.4 KiB`, `5.6 MiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1]}`
}

function rate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : count(perSecond)
}

function lagText(ms: number): string {
  return ms < 0 ? `-${duration(-ms)}` : duration(ms)
}
