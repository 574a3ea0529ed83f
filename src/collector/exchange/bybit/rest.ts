import type { CandleRow } from '../../record/index.ts'
import type { CandleAsk, ListedSymbol, RestAnswer, RestMapper } from '../mapper.ts'
import { candleOf, MINUTE_MS } from '../wire/candle.ts'
import { failed, query } from '../wire/frame.ts'
import { isRecord, type JsonRecord, parseJson, shown, textOf, wholeOf } from '../wire/json.ts'
import { readRows } from '../wire/rows.ts'

/** Rows of one answer. */
const PAGE = 1000

/**
 * Bybit's REST interface. Times are of a candle's start, both ends included; the newest row comes first and may
 * still run.
 *
 * @see https://bybit-exchange.github.io/docs/v5/market/kline
 */
export const bybitRest: RestMapper = {
  budget: { weight: 600, perMs: 5000 },
  rules: { doesNextClose: false, doesSilenceProve: false },
  reachMinutes: undefined,
  windowMinutes: PAGE,
  candles: ({ nativeSymbol, fromMs, toMs }) => {
    const end = Math.min(toMs, fromMs + PAGE * MINUTE_MS) - 1
    const page = { category: 'spot', symbol: nativeSymbol, interval: 1, start: fromMs, end, limit: PAGE }
    return { path: `/v5/market/kline?${query(page)}`, weight: 1 }
  },
  parseCandles,
  symbols: () => ({ path: '/v5/market/instruments-info?category=spot', weight: 1 }),
  parseSymbols,
  time: () => ({ path: '/v5/market/time', weight: 1 }),
  parseTime,
}

function parseCandles(body: string, { nativeSymbol }: CandleAsk): RestAnswer<readonly CandleRow[]> {
  const answer = resultOf(body)
  if (!answer.ok) return answer
  const { list } = answer.value.result
  if (!Array.isArray(list)) return failed('malformed', 'an answer without a list')
  return readRows({ body, path: ['result', 'list'], list, isNewestFirst: true }, (entry, raw) =>
    rowOf(entry, nativeSymbol, raw),
  )
}

/** Columns, all texts: start ms, open, high, low, close, volume, turnover. */
function rowOf(entry: unknown, nativeSymbol: string, raw: string): CandleRow | string {
  if (!Array.isArray(entry) || entry.length < 7) return 'not a candle'
  const [start, open, high, low, close, volume, turnover] = entry.map(textOf)
  if (start === undefined || !/^\d{13}$/.test(start)) return 'the start is not a time of a candle'
  const prices = {
    open: open ?? '',
    high: high ?? '',
    low: low ?? '',
    close: close ?? '',
    volume: volume ?? '',
    quoteVolume: turnover ?? '',
    vwap: undefined,
    tradeCount: undefined,
  }
  return candleOf({ nativeSymbol, startMs: Number(start), isFinal: false, prices, eventAt: undefined, raw })
}

function parseSymbols(body: string): RestAnswer<readonly ListedSymbol[]> {
  const answer = resultOf(body)
  if (!answer.ok) return answer
  const { list } = answer.value.result
  if (!Array.isArray(list)) return failed('malformed', 'an answer without a list')
  const symbols: ListedSymbol[] = []
  for (const entry of list as readonly unknown[]) {
    const { symbol, status } = isRecord(entry) ? entry : {}
    if (typeof symbol !== 'string' || typeof status !== 'string')
      return failed('malformed', 'a symbol without a name or status')
    symbols.push({ nativeSymbol: symbol, aliases: [], isTrading: status === 'Trading', status })
  }
  return { ok: true, value: symbols }
}

function parseTime(body: string): RestAnswer<number> {
  const answer = resultOf(body)
  if (!answer.ok) return answer
  const serverMs = wholeOf(answer.value.time)
  return serverMs === undefined ? failed('malformed', 'no time') : { ok: true, value: serverMs }
}

interface BybitAnswer {
  readonly result: JsonRecord
  readonly time: unknown
}

/** 10006, 10018: too many requests · 10016: its own trouble · 10001 says of what is wrong only in words. */
function resultOf(body: string): RestAnswer<BybitAnswer> {
  const answer = parseJson(body)
  if (!isRecord(answer) || typeof answer.retCode !== 'number')
    return failed('malformed', 'not an answer of Bybit')
  const { retCode, retMsg, result, time } = answer
  if (retCode === 0)
    return isRecord(result)
      ? { ok: true, value: { result, time } }
      : failed('malformed', 'an answer without a result')
  const reason = `${shown(retMsg)} (${retCode})`
  if (retCode === 10006 || retCode === 10018) return failed('limited', reason)
  if (retCode === 10001 && /symbol/i.test(reason)) return failed('unknown_symbol', reason)
  return failed(retCode === 10000 || retCode === 10016 ? 'unavailable' : 'malformed', reason)
}
