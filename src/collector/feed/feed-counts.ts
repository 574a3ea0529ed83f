/** What a feed counts over all its connections, past ones included. It only grows, but for times. */
export interface FeedCounts {
  frames: number
  bytes: number
  records: number
  deadLetters: number
  readonly reconnectsByCause: Record<string, number>
  /** By native symbol: monotonic ms of its newest data. */
  readonly dataMs: Map<string, number>
  /** Of the newest frame that says when it was sent. */
  newest: { readonly eventAt: string; readonly receivedAtMs: number } | undefined
}

/** Nothing counted yet. */
export function createFeedCounts(): FeedCounts {
  return {
    frames: 0,
    bytes: 0,
    records: 0,
    deadLetters: 0,
    reconnectsByCause: {},
    dataMs: new Map(),
    newest: undefined,
  }
}
