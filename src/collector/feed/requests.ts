import type { Mapper } from '../exchange/mapper.ts'

/** What was asked of an exchange on one connection, so that its answers can be told apart. */
export interface Requests {
  /** Frames that subscribe or unsubscribe `symbols`, each with what it names. */
  ask(
    kind: 'subscribe' | 'unsubscribe',
    symbols: readonly string[],
  ): readonly { readonly frame: string; readonly symbols: readonly string[] }[]
  /** The number of the next frame, for one that is not remembered. */
  nextId(): number
  /** What an answer is about: its own symbol, else all that its request named. Undefined: nothing that matters. */
  answered(requestId: number | undefined, nativeSymbol: string | undefined): readonly string[] | undefined
}

/** Requests remembered; older ones were answered long ago. */
const REMEMBERED = 4_096

/** Requests of one connection, numbered from 1. */
export function createRequests(mapper: Pick<Mapper, 'subscribe' | 'unsubscribe'>): Requests {
  const known = new Map<number, { readonly isSubscribe: boolean; readonly symbols: readonly string[] }>()
  let nextId = 1
  const remember = (id: number, isSubscribe: boolean, symbols: readonly string[]) => {
    known.set(id, { isSubscribe, symbols })
    const oldest = known.keys().next().value
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest)
  }
  return {
    ask(kind, symbols) {
      if (symbols.length === 0) return []
      const frames = mapper[kind](symbols, nextId)
      // The mapper cuts at the exchange's limit; cut alike here, each frame's symbols are known.
      const size = Math.ceil(symbols.length / frames.length)
      const asked: { frame: string; symbols: readonly string[] }[] = []
      for (let at = 0; at < symbols.length; at += size) {
        const chunk = symbols.slice(at, at + size)
        for (const frame of mapper[kind](chunk, nextId)) {
          remember(nextId, kind === 'subscribe', chunk)
          nextId += 1
          asked.push({ frame, symbols: chunk })
        }
      }
      return asked
    },
    nextId: () => nextId++,
    answered(requestId, nativeSymbol) {
      const request = requestId === undefined ? undefined : known.get(requestId)
      if (request?.isSubscribe === false) return undefined
      if (nativeSymbol !== undefined) return [nativeSymbol]
      return request?.symbols
    },
  }
}
