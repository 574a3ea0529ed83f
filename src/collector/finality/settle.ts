import { advance, breakDelivery, type DeliveryState, provenGap } from './delivery.ts'

/** A candle in a delivery, in whatever shape its owner has. */
export interface DeliveredRow {
  readonly startMs: number
  readonly intervalMs: number
  readonly close: number
  /** The exchange itself says so: Binance's `x`, a REST row old enough, any row of an archive. */
  readonly isFinal: boolean
}

/** How a kind of delivery settles its rows. */
export interface DeliveryRules<Row> {
  /** A row with a later start closes the row before it: Kraken's WebSocket, which never says `final`. */
  readonly doesNextClose: boolean
  /** Minutes it skips are quiet: not so for a feed that sends quiet minutes itself. */
  readonly doesSilenceProve: boolean
  /** The flat candle of a quiet interval: open = high = low = close = that of `last`, no volume, no trades. */
  readonly flat: (last: Row, startMs: number) => Row
}

/** A record to land. */
export interface SettledRow<Row> {
  readonly row: Row
  readonly isFinal: boolean
  /** Null: not final, nothing proves it. */
  readonly proof: 'sent' | 'silence' | null
}

/** One symbol in one unbroken delivery; undefined before its first row. A reconnect begins with undefined. */
export interface Settling<Row> {
  readonly last: Row
  readonly state: DeliveryState
}

/**
 * What a row gives to land: the row before it again, if this one closes it, the quiet intervals between, and
 * the row itself, in this order.
 */
export function settleRow<Row extends DeliveredRow>(
  settling: Settling<Row> | undefined,
  row: Row,
  rules: DeliveryRules<Row>,
): { readonly landed: readonly SettledRow<Row>[]; readonly settling: Settling<Row> } {
  const landed: SettledRow<Row>[] = []
  if (settling) landed.push(...settleBefore(settling, row, rules))
  landed.push({ row, isFinal: row.isFinal, proof: row.isFinal ? 'sent' : null })
  const state = advance(settling?.state, row.startMs, row.close)
  const isOlder = settling !== undefined && row.startMs < settling.state.startMs
  return { landed, settling: { last: isOlder ? settling.last : row, state } }
}

/** What is known after something of the delivery was lost. */
export function breakSettling<Row>(settling: Settling<Row> | undefined): Settling<Row> | undefined {
  const state = breakDelivery(settling?.state)
  return settling && state ? { last: settling.last, state } : undefined
}

function* settleBefore<Row extends DeliveredRow>(
  { last, state }: Settling<Row>,
  row: Row,
  rules: DeliveryRules<Row>,
): Generator<SettledRow<Row>> {
  if (row.startMs <= last.startMs || state.isBroken) return
  if (rules.doesNextClose && !last.isFinal) yield { row: last, isFinal: true, proof: 'sent' }
  // Where nothing closed the last row, its own interval may have gone on after it: silence proves no more.
  const isClosed = last.isFinal || rules.doesNextClose
  const gap = rules.doesSilenceProve && isClosed ? provenGap(state, row.startMs, row.intervalMs) : undefined
  if (!gap) return
  for (let startMs = gap.fromMs; startMs < gap.toMs; startMs += row.intervalMs) {
    yield { row: rules.flat(last, startMs), isFinal: true, proof: 'silence' }
  }
}
