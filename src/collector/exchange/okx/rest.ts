import type { CandleRow } from '../../record/index.ts'
import type { CandleAsk, ListedSymbol, RestAnswer, RestMapper } from '../mapper.ts'
import { MINUTE_MS } from '../wire/candle.ts'
import { failed, query } from '../wire/frame.ts'
import { isRecord, parseJson, shown } from '../wire/json.ts'
import { readRows } from '../wire/rows.ts'
import { rowOf } from './parse-frame.ts'

/** Rows of one answer. */
const PAGE = 300

/**
 * OKX's REST interface: the last 1,440 minutes. `after` and `before` are exclusive, and `after` means older.
 *
 * @see https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-candlesticks
 */
export const okxRest: RestMapper = {
  budget: { weight: 40, perMs: 2000 },
  rules: { doesNextClose: false, doesSilenceProve: false },
  reachMinutes: 1440,
  windowMinutes: PAGE,
  candles: ({ nativeSymbol, fromMs, toMs }) => {
    const after = Math.min(toMs, fromMs + PAGE * MINUTE_MS)
    const page = { instId: nativeSymbol, bar: '1m', after, before: fromMs - 1, limit: PAGE }
    return { path: `/api/v5/market/candles?${query(page)}`, weight: 1 }
  },
  parseCandles,
  symbols: () => ({ path: '/api/v5/public/instruments?instType=SPOT', weight: 1 }),
  parseSymbols,
  time: () => ({ path: '/api/v5/public/time', weight: 1 }),
  parseTime,
}

/** Rows that OKX itself calls incomplete are left out: their end is no proof against its word. */
function parseCandles(body: string, { nativeSymbol }: CandleAsk): RestAnswer<readonly CandleRow[]> {
  const answer = dataOf(body)
  if (!answer.ok) return answer
  return readRows({ body, path: ['data'], list: answer.value, isNewestFirst: true }, (entry, raw) => {
    const row = rowOf(entry, nativeSymbol, raw)
    return typeof row === 'string' || row.isFinal ? row : undefined
  })
}

function parseSymbols(body: string): RestAnswer<readonly ListedSymbol[]> {
  const answer = dataOf(body)
  if (!answer.ok) return answer
  const symbols: ListedSymbol[] = []
  for (const entry of answer.value) {
    const { instId, state } = isRecord(entry) ? entry : {}
    if (typeof instId !== 'string' || typeof state !== 'string')
      return failed('malformed', 'an instrument without a name or state')
    symbols.push({ nativeSymbol: instId, aliases: [], isTrading: state === 'live', status: state })
  }
  return { ok: true, value: symbols }
}

function parseTime(body: string): RestAnswer<number> {
  const answer = dataOf(body)
  if (!answer.ok) return answer
  const [first] = answer.value
  const time = isRecord(first) ? first.ts : undefined
  return typeof time === 'string' && /^\d{13}$/.test(time)
    ? { ok: true, value: Number(time) }
    : failed('malformed', 'no time')
}

/** 50011, 50061: too many requests · 51001: no such instrument · 50001, 50004, 50013, 50026: its own trouble. */
const FAULTS: Readonly<Record<string, 'limited' | 'unknown_symbol' | 'unavailable'>> = {
  '50011': 'limited',
  '50061': 'limited',
  '51001': 'unknown_symbol',
  '50001': 'unavailable',
  '50004': 'unavailable',
  '50013': 'unavailable',
  '50026': 'unavailable',
}

function dataOf(body: string): RestAnswer<readonly unknown[]> {
  const answer = parseJson(body)
  if (!isRecord(answer)) return failed('malformed', 'not an answer of OKX')
  const code = shown(answer.code)
  if (code !== '0') return failed(FAULTS[code] ?? 'malformed', `${shown(answer.msg)} (${code})`)
  return Array.isArray(answer.data)
    ? { ok: true, value: answer.data }
    : failed('malformed', 'an answer without data')
}
