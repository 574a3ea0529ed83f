import { type Instrument, KxError, nearest } from '../../base/index.ts'
import { matchesSymbol, parseSymbolPatterns, unmatchedTerms } from '../instruments/symbol-patterns.ts'

/** Which of a project's instruments are meant. */
export interface InstrumentChoice {
  /** Undefined: all. */
  readonly exchanges: readonly string[] | undefined
  /** Names or LIKE patterns, as `--symbols` has them; undefined: all. */
  readonly symbols: string | undefined
}

/** What was chosen. */
export interface ChosenInstruments {
  readonly instruments: readonly Instrument[]
  /** Names that mean nothing, in words. */
  readonly warnings: readonly string[]
}

/**
 * Spot instruments of the exchanges that have one of these names: canonical, native or unified. One name that means
 * nothing does not keep the others waiting.
 *
 * @throws {KxError} KX_USAGE if an exchange is not listed, or nothing is left
 */
export function chooseInstruments(
  instruments: readonly Instrument[],
  { exchanges, symbols }: InstrumentChoice,
): ChosenInstruments {
  const listed = [...new Set(instruments.map(({ exchange }) => exchange))]
  for (const exchange of exchanges ?? []) if (!listed.includes(exchange)) throw unlisted(exchange, listed)
  const patterns = parseSymbolPatterns(symbols)
  const offered = instruments.filter(
    ({ exchange, marketType }) => marketType === 'spot' && (exchanges?.includes(exchange) ?? true),
  )
  const asked = exchanges ?? listed
  const warnings = unmatchedTerms(patterns, offered.flatMap(namesOf)).map(
    (term) => `--symbols ${term} means no instrument of ${asked.join(', ')}`,
  )
  const chosen = offered.filter((instrument) => matchesSymbol(patterns, namesOf(instrument)))
  if (chosen.length > 0) return { instruments: chosen, warnings }
  throw new KxError('KX_USAGE', ['no spot instrument is chosen', ...warnings].join('\n'), {
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
