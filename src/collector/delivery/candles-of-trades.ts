import type { Trade } from '../exchange/mapper.ts'
import type { SettledRow } from '../finality/index.ts'
import type { CandleRow } from '../record/index.ts'
import { decimalOf, decimalText, dividedBy, isLess, plus, times, ZERO } from './decimal.ts'
import { flatAfter } from './quiet.ts'

const MINUTE_MS = 60_000
/** A vwap has so many more digits than its prices: it is a quotient. */
const MORE_PLACES = 8

/** All trades of a symbol over a range of time, as pages gave them. */
export interface CoveredTrades {
  readonly nativeSymbol: string
  /** Those of the range and any beside it; repeats and disorder do not matter. Ids count up by one. */
  readonly trades: readonly Trade[]
  /** From here on every trade is among them. */
  readonly fromMs: number
  /** Exclusive end of that. */
  readonly toMs: number
}

/**
 * Minute candles of trades, in order. Only minutes that lie whole in the range are there. A traded minute is
 * final if no id is missing in it or beside it; minutes between two trades whose ids follow each other are quiet.
 */
export function candlesOfTrades({
  nativeSymbol,
  trades,
  fromMs,
  toMs,
}: CoveredTrades): SettledRow<CandleRow>[] {
  const isCovered = (startMs: number) => startMs >= fromMs && startMs + MINUTE_MS <= toMs
  const landed: SettledRow<CandleRow>[] = []
  let before: Minute | undefined
  for (const minute of minutesOf(trades)) {
    const row = candleOf(nativeSymbol, minute)
    if (before?.isNextKnown) {
      const last = candleOf(nativeSymbol, before)
      for (let startMs = before.startMs + MINUTE_MS; startMs < minute.startMs; startMs += MINUTE_MS) {
        if (isCovered(startMs))
          landed.push({ row: flatAfter(last, startMs), isFinal: true, proof: 'silence' })
      }
    }
    const isFinal = !minute.isBroken
    if (isCovered(minute.startMs))
      landed.push({ row: { ...row, isFinal }, isFinal, proof: isFinal ? 'sent' : null })
    before = minute
  }
  return landed
}

/** A minute with trades, in order of their ids. */
interface Minute {
  readonly startMs: number
  readonly trades: Trade[]
  /** An id is missing in it, or between it and a neighbour. */
  isBroken: boolean
  /** The next trade that is there is the very next one. */
  isNextKnown: boolean
}

function minutesOf(trades: readonly Trade[]): Minute[] {
  const byId = new Map(trades.map((trade) => [BigInt(trade.id), trade]))
  const ids = [...byId.keys()].sort((a, b) => (a < b ? -1 : 1))
  const minutes = new Map<number, Minute>()
  let last: { id: bigint; minute: Minute } | undefined
  for (const id of ids) {
    const trade = byId.get(id) as Trade
    const startMs = Math.floor(trade.atMs / MINUTE_MS) * MINUTE_MS
    const minute = minutes.get(startMs) ?? { startMs, trades: [], isBroken: false, isNextKnown: false }
    minutes.set(startMs, minute)
    minute.trades.push(trade)
    const isNext = last === undefined || last.id + 1n === id
    // The missing one may be of either minute, or of one between.
    if (last !== undefined && !isNext) last.minute.isBroken = minute.isBroken = true
    if (last !== undefined) last.minute.isNextKnown = isNext && last.minute.startMs < startMs
    last = { id, minute }
  }
  return [...minutes.values()].sort((a, b) => a.startMs - b.startMs)
}

function candleOf(nativeSymbol: string, { startMs, trades }: Minute): CandleRow {
  const [first, last] = [trades[0] as Trade, trades.at(-1) as Trade]
  const prices = trades.map(({ price }) => decimalOf(price))
  const volumes = trades.map(({ volume }) => decimalOf(volume))
  const volume = volumes.reduce(plus, ZERO)
  const quoteVolume = prices.map((price, i) => times(price, volumes[i] ?? ZERO)).reduce(plus, ZERO)
  const places = Math.max(...prices.map((price) => price.places)) + MORE_PLACES
  return {
    nativeSymbol,
    startMs,
    intervalMs: MINUTE_MS,
    close: Number(last.price),
    isFinal: true,
    prices: {
      open: first.price,
      high: decimalText(prices.reduce((a, b) => (isLess(a, b) ? b : a))),
      low: decimalText(prices.reduce((a, b) => (isLess(b, a) ? b : a))),
      close: last.price,
      volume: decimalText(volume),
      quoteVolume: decimalText(quoteVolume),
      vwap: decimalText(dividedBy(quoteVolume, volume, places)),
      tradeCount: String(trades.length),
    },
    eventAt: undefined,
    raw: '',
  }
}
