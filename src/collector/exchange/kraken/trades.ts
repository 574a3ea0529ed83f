import type { RestAnswer, Trade, TradesMapper, TradesPage } from '../mapper.ts'
import { failed, query } from '../wire/frame.ts'
import { wholeOf } from '../wire/json.ts'
import { elementSlices } from '../wire/json-slices.ts'
import { startOf } from '../wire/rows.ts'
import { pairKeyOf, resultOf } from './answer.ts'

/** Most trades of a page. */
const PAGE = 1000

/**
 * Kraken's public trades, back to the first. The cursor is a time in ns, 19 digits: a text. It is inclusive, so
 * every page repeats the last trade of the one before, and the page after the last has that one alone.
 *
 * @see https://docs.kraken.com/api/docs/rest-api/get-recent-trades
 */
export const krakenTrades: TradesMapper = {
  trades: ({ nativeSymbol, fromMs }, cursor) => ({
    path: `/0/public/Trades?${query({ pair: nativeSymbol, since: cursor ?? `${BigInt(fromMs) * 1_000_000n}`, count: PAGE })}`,
    weight: 1,
  }),
  parseTrades,
}

function parseTrades(body: string): RestAnswer<TradesPage> {
  const answer = resultOf(body)
  if (!answer.ok) return answer
  const key = pairKeyOf(answer.value)
  const list = key === undefined ? undefined : answer.value[key]
  if (key === undefined || !Array.isArray(list)) return failed('malformed', 'not the trades of one pair')
  const { last } = answer.value
  if (typeof last !== 'string' || !/^\d{1,20}$/.test(last)) return failed('malformed', 'last is not a cursor')
  const slices = elementSlices(body, startOf(body, ['result', key]))
  const trades: Trade[] = []
  for (const [i, entry] of (list as readonly unknown[]).entries()) {
    const trade = tradeOf(entry, body, slices[i]?.start ?? body.length)
    if (trade === undefined) return failed('malformed', `trade ${i} is not one`)
    trades.push(trade)
  }
  return { ok: true, value: { trades, cursor: trades.length > 1 ? last : undefined } }
}

/** Columns: price, volume, time s with a fraction, side, order type, misc, trade id. */
function tradeOf(entry: unknown, body: string, at: number): Trade | undefined {
  if (!Array.isArray(entry)) return undefined
  const [price, volume, , , , , id] = entry as unknown[]
  const [, , time] = elementSlices(body, at)
  const atMs = time === undefined ? undefined : msOf(body.slice(time.start, time.end))
  if (wholeOf(id) === undefined || atMs === undefined) return undefined
  return isAmount(price) && isAmount(volume) ? { id: String(id), atMs, price, volume } : undefined
}

function isAmount(text: unknown): text is string {
  return typeof text === 'string' && /^\d{1,20}(\.\d{1,20})?$/.test(text) && Number(text) > 0
}

/** ms of seconds as they stand in the answer, cut: a double would round the last 100 ns of a minute into the next. */
function msOf(seconds: string): number | undefined {
  const match = /^(\d{1,11})(?:\.(\d+))?$/.exec(seconds)
  if (!match) return undefined
  const [, whole = '', fraction = ''] = match
  return Number(whole) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'))
}
