import type { TickSettings } from '../../base/index.ts'
import { matchesSymbol, parseSymbolPatterns } from '../instruments/symbol-patterns.ts'
import type { CcxtMarket } from './ccxt-types.ts'
import { namesOf } from './tick-row.ts'

/** Markets of an exchange that are chosen, by unified name, in the order to subscribe. */
export interface ChosenSymbols {
  readonly symbols: readonly string[]
  /** What settings ask for and the exchange does not list. */
  readonly unknown: readonly string[]
  /** More were chosen than the cap lets through. */
  readonly cutFrom: number | undefined
}

export interface SymbolChoice {
  readonly markets: readonly CcxtMarket[]
  readonly settings: TickSettings
  /** 24 h volume in quote by unified name, where known: the cap keeps the largest. */
  readonly quoteVolumes: ReadonlyMap<string, number>
}

/**
 * Chooses what to listen to: markets that are not switched off, of spot alone if asked, whose unified, native or
 * canonical name the pattern means, then the first so many by 24 h quote volume (by name where it is unknown).
 */
export function chooseSymbols({ markets, settings, quoteVolumes }: SymbolChoice): ChosenSymbols {
  const patterns = parseSymbolPatterns(settings.symbols)
  const open = markets.filter(
    ({ active, spot }) => active !== false && (!settings.isSpotOnly || spot === true),
  )
  const names = ({ symbol, id, ...market }: CcxtMarket) => [
    symbol,
    id,
    namesOf({ symbol, id, ...market }).symbol,
  ]
  const matching = open.filter((market) => matchesSymbol(patterns, names(market)))
  const volume = ({ symbol }: CcxtMarket) => quoteVolumes.get(symbol) ?? -1
  const ranked = [...matching].sort(
    (a, b) => volume(b) - volume(a) || (a.symbol < b.symbol ? -1 : Number(a.symbol > b.symbol)),
  )
  const symbols = [...new Set(ranked.map(({ symbol }) => symbol))]
  const most = settings.maxSymbols ?? symbols.length
  return {
    symbols: symbols.slice(0, most),
    unknown: (patterns?.terms ?? [])
      .filter((term) => !open.some((market) => names(market).some(term.matches)))
      .map(({ text }) => text),
    cutFrom: symbols.length > most ? symbols.length : undefined,
  }
}
