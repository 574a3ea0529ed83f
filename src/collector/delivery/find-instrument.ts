import type { Instrument } from '../../base/index.ts'
import { indexInstruments, instrumentOf } from '../instruments/resolve.ts'

/**
 * The instrument that an exchange calls `nativeSymbol`; one that project.yml does not list is made from its name,
 * or from CCXT's `unifiedSymbol` (`BTC/USDT`), which says where base and quote part.
 */
export type FindInstrument = (nativeSymbol: string, unifiedSymbol?: string) => Instrument

/** Names kept: more than any exchange lists, fewer than garbage could make up. */
const MOST_NAMES = 20_000

/** Finds instruments of `exchange` by native symbol, each worked out once. */
export function instrumentFinder(exchange: string, instruments: readonly Instrument[]): FindInstrument {
  const index = indexInstruments(instruments.filter((one) => one.exchange === exchange))
  const known = new Map<string, Instrument>()
  return (nativeSymbol, unifiedSymbol) => {
    const found = known.get(nativeSymbol)
    if (found !== undefined) return found
    const made = { ...instrumentOf(index, exchange, nativeSymbol, hintOf(unifiedSymbol)), nativeSymbol }
    if (known.size >= MOST_NAMES) known.clear()
    known.set(nativeSymbol, made)
    return made
  }
}

function hintOf(unifiedSymbol: string | undefined): { symbol?: string; quote?: string } {
  if (unifiedSymbol === undefined) return {}
  const [pair = '', settlement] = unifiedSymbol.toUpperCase().split(':')
  const [base = '', quote = ''] = pair.split('/')
  if (quote === '') return {}
  // A swap of BTC/USDT is not the spot pair: its settlement stays in the name.
  if (settlement !== undefined) return { symbol: `${base}-${quote}:${settlement}`, quote }
  return { symbol: instrumentOf(EMPTY, '', pair).symbol, quote }
}

const EMPTY = indexInstruments([])
