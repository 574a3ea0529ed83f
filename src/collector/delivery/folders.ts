/** Hive folders of the landing, from `exchange=` to `hour=`. All times are UTC and zero-padded. */

const HOUR_MS = 3_600_000

/** Of candles: one folder per exchange, canonical symbol and hour of `startMs`. */
export function candleFolder(exchange: string, symbol: string, startMs: number): string {
  return `exchange=${exchange}/symbol=${folderName(symbol)}/interval_minutes=1/${hourFolders(startMs)}`
}

/** Of everything else: one folder per exchange, channel and hour, never per pair. */
export function channelFolder(
  exchange: string,
  channel: 'ticks' | 'connection_events' | 'feed_uptime',
  atMs: number,
): string {
  return `exchange=${exchange}/channel=${channel}/${hourFolders(atMs)}`
}

/** Of frames that could not be read, by the hour they came in. */
export function deadLetterFolder(exchange: string, receivedAtMs: number): string {
  return `dead-letters/exchange=${exchange}/${hourFolders(receivedAtMs)}`
}

/** A symbol as a folder's name: what a path or a glob could take for its own is percent-encoded. */
export function folderName(symbol: string): string {
  if (/^[\w.-]*$/.test(symbol)) return symbol
  return symbol.replaceAll(/[^\w.-]/gu, (sign) =>
    [...encoder.encode(sign)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
}

const encoder = new TextEncoder()

let lastHour = Number.NaN
let lastFolders = ''

/** Lines come hour by hour: the last answer is nearly always the next one too. */
function hourFolders(ms: number): string {
  const hour = Math.floor(ms / HOUR_MS)
  if (hour !== lastHour) {
    const iso = new Date(hour * HOUR_MS).toISOString()
    const [year, month, day] = iso.slice(0, 10).split('-')
    lastFolders = `year=${year}/month=${month}/day=${day}/hour=${iso.slice(11, 13)}`
    lastHour = hour
  }
  return lastFolders
}
