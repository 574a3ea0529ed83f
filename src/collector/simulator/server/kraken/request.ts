/** A client's frame, as far as it could be read. */
export interface KrakenRequest {
  readonly method: string
  /** As it came, to be sent back; undefined: none. */
  readonly requestId: number | undefined
  readonly channel: string
  readonly symbols: readonly string[]
  readonly interval: number
  readonly hasSnapshot: boolean
  /** `ticker` alone: `trades` or `bbo`. */
  readonly eventTrigger: string
}

/** Reads a frame; undefined if it is not JSON of a request. */
export function parseRequest(text: string): KrakenRequest | undefined {
  const request = objectOf(parse(text))
  if (request === undefined || typeof request.method !== 'string') return undefined
  const params = objectOf(request.params) ?? {}
  const { symbol } = params
  return {
    method: request.method,
    requestId: typeof request.req_id === 'number' ? request.req_id : undefined,
    channel: typeof params.channel === 'string' ? params.channel : '',
    symbols: Array.isArray(symbol) ? symbol.filter((each) => typeof each === 'string') : [],
    interval: typeof params.interval === 'number' ? params.interval : 1,
    hasSnapshot: params.snapshot !== false,
    eventTrigger: typeof params.event_trigger === 'string' ? params.event_trigger : 'trades',
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}
