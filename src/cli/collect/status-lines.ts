import type { CollectStatus, ExchangeStatus } from '../../collector/status/status.ts'
import { count, duration, plural, table } from '../shared/format.ts'

const SYNCED_LATELY_S = 10

/**
 * One calm line per exchange, in columns, and one for what reads the landing. Where they are wider than `columns`,
 * what is as it should be is left out: what is not must be seen.
 */
export function statusLines(status: CollectStatus, columns = Number.POSITIVE_INFINITY): string[] {
  const width = Math.max(...status.exchanges.map(({ exchange }) => exchange.length), 'landing'.length)
  const landing = (parts: Iterable<string>) => ['landing'.padEnd(width), ...parts].join('  ')
  const wide = [
    ...table(status.exchanges.map(exchangeCells), [2, 3, 4, 5, 6, 7, 8]),
    landing(landingParts(status)),
  ]
  if (wide.every((line) => line.length < columns)) return wide
  return [...table(status.exchanges.map(shortCells), [2, 3, 4, 5]), landing(shortLandingParts(status))]
}

function shortCells(exchange: ExchangeStatus): string[] {
  const [name = '', state = '', , live = '', stale = '', rejected = '', ...others] = exchangeCells(exchange)
  const [messages = '', lag = '', bytes = '', ...troubles] = others
  const notZero = [stale, rejected].filter((cell) => !cell.startsWith('0 '))
  return [name, state, live, messages, lag, bytes, [...notZero, ...troubles].join('  ')]
}

function shortLandingParts(status: CollectStatus): string[] {
  const [synced = '', ...others] = landingParts(status)
  const isWell = status.landing.sinceSyncS !== null && status.landing.sinceSyncS < SYNCED_LATELY_S
  return isWell && others.length > 0 ? others : [synced, ...others]
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
    ...(exchange.openMinutes ? [`${plural(exchange.openMinutes, 'minute')} open`] : []),
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
    yield upload.trouble === undefined ? `store ${waits} to send` : `store takes nothing, ${waits} wait`
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
