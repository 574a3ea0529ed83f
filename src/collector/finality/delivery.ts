/** What one unbroken ordered delivery said last of one symbol. Plain JSON, so a ledger can carry it on. */
export interface DeliveryState {
  readonly startMs: number
  readonly close: number
  /** Something was lost after that row: what follows proves nothing about the time between. */
  readonly isBroken: boolean
}

/** A half-open range of time without a trade, and the price that stood through it. */
export interface QuietGap {
  readonly fromMs: number
  readonly toMs: number
  readonly close: number
}

/**
 * The time between the last row and one that starts at `startMs`, if the delivery proves it quiet.
 *
 * Nothing before the first row, across a break, or before a row that does not move on.
 */
export function provenGap(
  last: DeliveryState | undefined,
  startMs: number,
  intervalMs: number,
): QuietGap | undefined {
  if (last === undefined || last.isBroken) return undefined
  const fromMs = last.startMs + intervalMs
  return startMs > fromMs ? { fromMs, toMs: startMs, close: last.close } : undefined
}

/** The state after a row. One that goes back in time breaks the order: the delivery is not what it claims. */
export function advance(last: DeliveryState | undefined, startMs: number, close: number): DeliveryState {
  if (last !== undefined && startMs < last.startMs) return { ...last, isBroken: true }
  return { startMs, close, isBroken: false }
}

/** The state after something was lost: a line that cannot be read, a frame in dead letters. */
export function breakDelivery(last: DeliveryState | undefined): DeliveryState | undefined {
  return last === undefined || last.isBroken ? last : { ...last, isBroken: true }
}
