import { type Instrument, KxError, nearest } from '../../base/index.ts'
import { matchesSymbol, parseSymbolPatterns, unmatchedTerms } from '../instruments/symbol-patterns.ts'

/** Which of a project's instruments are meant. */
export interface InstrumentChoice {
  /** Undefined: all. */
  readonly exchanges: readonly string[] | undefined
  /** Names or LIKE patterns, as `--symbols` has them; undefined: all. */
  readonly symbols: string | undefined
}

/**
 * Spot instruments of the exchanges that have one of these names: canonical, native or unified.
 *
 * @throws {KxError} KX_USAGE if an exchange is not listed, a name means nothing, or nothing is left
 */
export function chooseInstruments(
  instruments: readonly Instrument[],
  { exchanges, symbols }: InstrumentChoice,
): Instrument[] {
  const listed = [...new Set(instruments.map(({ exchange }) => exchange))]
  for (const exchange of exchanges ?? []) if (!listed.includes(exchange)) throw unlisted(exchange, listed)
  const patterns = parseSymbolPatterns(symbols)
  const offered = instruments.filter(
    ({ exchange, marketType }) => marketType === 'spot' && (exchanges?.includes(exchange) ?? true),
  )
  const [unmatched] = unmatchedTerms(patterns, offered.flatMap(namesOf))
  const chosen = offered.filter((instrument) => matchesSymbol(patterns, namesOf(instrument)))
  if (unmatched === undefined && chosen.length > 0) return chosen
  const what =
    unmatched === undefined
      ? 'no spot instrument is chosen'
      : `--symbols ${unmatched} names no spot instrument`
  throw new KxError('KX_USAGE', what, {
    hint: 'Choose from the instruments of project.yml: kx collect --dry-run.',
  })
}

function namesOf({ symbol, nativeSymbol, quoteAsset }: Instrument): string[] {
  const [base = symbol] = symbol.split('-')
  return [symbol, nativeSymbol, `${base}/${quoteAsset}`]
}

function unlisted(exchange: string, listed: readonly string[]): KxError {
  const near = nearest(exchange, listed)
  return new KxError('KX_USAGE', `--exchanges ${exchange}: this project lists no such exchange`, {
    hint: near === undefined ? `Choose from: ${listed.join(', ')}.` : `Did you mean ${near}?`,
  })
}
