/** What a request on the socket is answered with. */
export type Answer = { readonly result: unknown } | { readonly code: number; readonly msg: string }

/** What may be asked, by the name of its method. */
export type Methods = Readonly<Record<string, (params: unknown) => Answer>>

/** The answer to a client's frame, as Binance writes it: `{"result":null,"id":1}` or `{"code":2,"msg":"…","id":1}`. */
export function answerTo(text: string, methods: Methods): string {
  const request = parse(text)
  if (request === undefined) return JSON.stringify({ code: 3, msg: 'Invalid JSON: expected value' })
  const { id, method, params } = request
  const isId = typeof id === 'number' || typeof id === 'string' || id === null
  if (id !== undefined && !isId)
    return JSON.stringify({ code: 2, msg: 'Invalid request: request ID must be a number or text' })
  const answer = typeof method === 'string' && Object.hasOwn(methods, method) && methods[method]
  const said = answer
    ? answer(params)
    : invalid(
        `unknown variant \`${String(method)}\`, expected one of \`${Object.keys(methods).join('`, `')}\``,
      )
  return JSON.stringify({ ...said, ...(id !== undefined && { id }) })
}

/** A refusal of what a request says. */
export function invalid(why: string): Answer {
  return { code: 2, msg: `Invalid request: ${why}` }
}

/** Names in a request's `params`; undefined if they are not a list of texts. */
export function namesOf(params: unknown): readonly string[] | undefined {
  const isNames = Array.isArray(params) && params.every((each) => typeof each === 'string')
  return isNames ? (params as readonly string[]) : undefined
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
