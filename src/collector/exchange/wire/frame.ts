import type { ParsedFrame, RestAnswer } from '../mapper.ts'

/** A frame for dead letters. `nativeSymbol`: the only one it can have carried; undefined: nobody knows. */
export function malformed(reason: string, nativeSymbol?: string | undefined): ParsedFrame {
  return { kind: 'malformed', reason, nativeSymbol }
}

/** An answer that is none. */
export function failed(
  fault: Extract<RestAnswer<never>, { ok: false }>['fault'],
  reason: string,
): RestAnswer<never> {
  return { ok: false, fault, reason: reason.slice(0, 200) || 'no reason given' }
}

/** `items` in lists of at most `size`. */
export function batches<Item>(items: readonly Item[], size: number): Item[][] {
  const lists: Item[][] = []
  for (let i = 0; i < items.length; i += size) lists.push(items.slice(i, i + size))
  return lists
}

/** A query string, encoded. */
export function query(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join('&')
}

/** An address to connect to: `path` is added where the address that was given names none. */
export function addressWith(base: string, path: string): string {
  const bare = /^(wss?:\/\/[^/?#]+)\/?$/.exec(base)?.[1]
  return bare === undefined ? base : `${bare}${path}`
}
