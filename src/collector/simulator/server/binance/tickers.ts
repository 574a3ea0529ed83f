import type { DayFigures } from '../../market/day-figures.ts'
import { decimalOf } from '../../market/decimal.ts'

/** A ticker's numbers as Binance writes them: eight digits. */
export interface TickerTexts {
  readonly symbol: string
  readonly last: string
  readonly lastQty: string
  readonly open: string
  readonly high: string
  readonly low: string
  readonly bid: string
  readonly bidQty: string
  readonly ask: string
  readonly askQty: string
  readonly change: string
  readonly changePercent: string
  readonly average: string
  readonly volume: string
  readonly quoteVolume: string
}

/** The numbers of a ticker. */
function tickerTexts(figures: DayFigures): TickerTexts {
  const { minute, last, open, high, low, volume, quoteVolume, lastId } = figures
  const { listing } = minute
  const price = (steps: number) => decimalOf(steps, listing.priceDigits) + '0'.repeat(8 - listing.priceDigits)
  return {
    symbol: listing.nativeSymbol,
    last: price(last),
    lastQty: quantity(lastId),
    open: price(open),
    high: price(high),
    low: price(low),
    bid: price(Math.max(1, last - 1)),
    bidQty: quantity(lastId + 1),
    ask: price(last + 1),
    askQty: quantity(lastId + 2),
    change: ((last - open) / 10 ** listing.priceDigits).toFixed(8),
    changePercent: (((last - open) / open) * 100).toFixed(3),
    average: volume > 0 ? (quoteVolume / volume).toFixed(8) : price(last),
    volume: volume.toFixed(8),
    quoteVolume: quoteVolume.toFixed(8),
  }
}

/** Payload of a `24hrTicker` frame. */
export function tickerPayload(figures: DayFigures, atMs: number): string {
  const texts = tickerTexts(figures)
  const { symbol: s, change: p, changePercent: P, average: w, last: c, lastQty: Q } = texts
  const { bid: b, bidQty: B, ask: a, askQty: A, open: o, high: h, low: l, volume: v, quoteVolume: q } = texts
  const [E, O, F, L] = [Math.floor(atMs), Math.floor(atMs) - DAY_MS, figures.firstId, figures.lastId]
  return JSON.stringify({
    ...{ e: '24hrTicker', E, s, p, P, w, x: o, c, Q, b, B, a, A, o, h, l, v, q },
    ...{ O, C: E, F, L, n: L - F + 1 },
  })
}

/** Payload of a `24hrMiniTicker` frame. */
export function miniTickerPayload(figures: DayFigures, atMs: number): string {
  const { symbol: s, last: c, open: o, high: h, low: l, volume: v, quoteVolume: q } = tickerTexts(figures)
  return JSON.stringify({ e: '24hrMiniTicker', E: Math.floor(atMs), s, c, o, h, l, v, q })
}

/** A row of `GET /api/v3/ticker/24hr`. */
export function tickerRow(figures: DayFigures, atMs: number): unknown {
  const texts = tickerTexts(figures)
  return {
    symbol: texts.symbol,
    priceChange: texts.change,
    priceChangePercent: texts.changePercent,
    weightedAvgPrice: texts.average,
    prevClosePrice: texts.open,
    lastPrice: texts.last,
    lastQty: texts.lastQty,
    bidPrice: texts.bid,
    bidQty: texts.bidQty,
    askPrice: texts.ask,
    askQty: texts.askQty,
    openPrice: texts.open,
    highPrice: texts.high,
    lowPrice: texts.low,
    volume: texts.volume,
    quoteVolume: texts.quoteVolume,
    openTime: Math.floor(atMs) - DAY_MS,
    closeTime: Math.floor(atMs),
    firstId: figures.firstId,
    lastId: figures.lastId,
    count: figures.lastId - figures.firstId + 1,
  }
}

const DAY_MS = 86_400_000

/** A size: any, but always the same for the same trade. */
export function quantity(id: number): string {
  return `${decimalOf(100_000 + ((id * 7919) % 9_900_000), 5)}000`
}
