export { type CoveredTrades, candlesOfTrades } from './candles-of-trades.ts'
export type { Delivery } from './delivery.ts'
export {
  type CandleRecord,
  candleLine,
  type DeadLetter,
  deadLetterLine,
  eventLine,
  type FeedMoment,
  type TickRecord,
  tickLine,
  uptimeLine,
} from './lines.ts'
export { type DeliveryOptions, openDelivery } from './open-delivery.ts'
export { type AnswerRows, SETTLED_AFTER_MS } from './settle-answer.ts'
