/** An answer over HTTP, before anything goes wrong with it. */
export interface RestAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

/** A GET, taken apart. */
export interface RestRequest {
  /** `/api/v3/klines` */
  readonly path: string
  readonly params: URLSearchParams
}

/** An exchange's REST interface. */
export type RestService = (request: RestRequest) => RestAnswer

/** 200 with `value` as JSON. */
export function json(value: unknown): RestAnswer {
  return { status: 200, body: JSON.stringify(value) }
}
