import {
  type CollectSettings,
  DAY_MS,
  type ExchangeSettings,
  type Instrument,
  KxError,
  nearest,
} from '../../base/index.ts'
import { mappedExchanges } from '../exchange/index.ts'
import type { Mapper } from '../exchange/mapper.ts'
import { withAddresses } from '../feed/addresses.ts'
import type { FeedPlan } from '../feed/feed.ts'
import {
  matchesSymbol,
  parseSymbolPatterns,
  type SymbolPatterns,
  unmatchedTerms,
} from '../instruments/symbol-patterns.ts'

/** What the project and the command line say. */
export interface FeedChoice {
  readonly instruments: readonly Instrument[]
  readonly settings: CollectSettings
  /** `--exchanges`, each once; undefined: all of the project. */
  readonly exchanges: readonly string[] | undefined
  /** `--symbols`; undefined: all. For ticks it stands in for the settings' own. */
  readonly symbols: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Wall clock, ms: what is not listed now or within a day is left out. */
  readonly nowMs: number
}

/** What is collected: candles and ticks of each exchange, whole. */
export interface ChosenFeeds {
  readonly feeds: readonly FeedPlan[]
  /** What is listed or asked for and not collected, in words. */
  readonly warnings: readonly string[]
}

type MapperOf = (exchange: string) => Mapper | undefined

/**
 * Decides what is collected.
 *
 * @throws {KxError} KX_USAGE if an exchange is not one of the project's, or nothing is left
 */
export function planFeeds(choice: FeedChoice, mapperOf: MapperOf): ChosenFeeds {
  const known = knownExchanges(choice)
  checkExchanges(choice.exchanges ?? [], known)
  const patterns = parseSymbolPatterns(choice.symbols)
  const wanted = known.filter((exchange) => choice.exchanges?.includes(exchange) ?? true)
  const planned = wanted.map((exchange) => planExchange(exchange, { choice, patterns, mapperOf }))
  const feeds = planned.flatMap((one) => one.feeds)
  const warnings = [...planned.flatMap((one) => one.warnings), ...unmatched(choice, wanted, feeds)]
  if (feeds.length === 0) {
    throw new KxError('KX_USAGE', ['there is nothing to collect', ...warnings].join('\n'), {
      hint: 'List instruments in project.yml, or choose others with --exchanges and --symbols.',
    })
  }
  return { feeds, warnings }
}

interface Planning {
  readonly choice: FeedChoice
  readonly patterns: SymbolPatterns | undefined
  readonly mapperOf: MapperOf
}

function planExchange(exchange: string, { choice, patterns, mapperOf }: Planning): ChosenFeeds {
  const settings = settingsOf(exchange, choice)
  const listed = choice.instruments.filter((one) => one.exchange === exchange)
  const { ticks } = settings
  const feeds: FeedPlan[] = []
  const warnings: string[] = []
  const hasMapper = mapperOf(exchange) !== undefined
  if (settings.hasCandles && hasMapper) {
    const fit = chooseInstruments(listed, { choice, patterns })
    warnings.push(...fit.warnings)
    const { instruments } = fit
    if (instruments.length > 0) {
      feeds.push({ exchange, kind: 'candles', instruments, tickSymbols: undefined, settings })
    }
  }
  if (ticks) {
    const chosen = patterns ? { ...ticks, symbols: choice.symbols } : ticks
    const tickSettings = { ...settings, ticks: chosen }
    feeds.push({
      exchange,
      kind: 'ticks',
      instruments: listed,
      tickSymbols: undefined,
      settings: tickSettings,
    })
  } else if (!hasMapper) {
    const near = listed.length > 0 ? undefined : nearest(exchange, mappedExchanges)
    const meant = near === undefined ? '' : `; did you mean ${near}?`
    warnings.push(
      `${exchange} is not collected: kx has no mapper for its candles, and no ticks are set${meant}`,
    )
  }
  return { feeds, warnings }
}

function chooseInstruments(
  listed: readonly Instrument[],
  { choice, patterns }: Pick<Planning, 'choice' | 'patterns'>,
): { readonly instruments: readonly Instrument[]; readonly warnings: readonly string[] } {
  const { nowMs } = choice
  const warnings: string[] = []
  const instruments = listed.filter((one) => {
    if (!matchesSymbol(patterns, namesOf(one)) || (one.listedToMs ?? nowMs + 1) <= nowMs) return false
    if (one.marketType !== 'spot') {
      warnings.push(`${one.exchange} ${one.nativeSymbol} is not collected: its market is ${one.marketType}`)
      return false
    }
    // Soon is now: the exchange's own list says when it begins, and the clock may be wrong.
    if ((one.listedFromMs ?? nowMs) <= nowMs + DAY_MS) return true
    const from = new Date(one.listedFromMs ?? nowMs).toISOString()
    warnings.push(`${one.exchange} ${one.nativeSymbol} is not collected: it is listed from ${from}`)
    return false
  })
  return { instruments, warnings }
}

/** Canonical, native and unified name. */
function namesOf({ symbol, nativeSymbol, quoteAsset }: Instrument): string[] {
  const [base = symbol] = symbol.split('-')
  return [symbol, nativeSymbol, `${base}/${quoteAsset}`]
}

/** Terms of `--symbols` that mean no listed instrument; what ticks are called is known to the exchange alone. */
function unmatched(
  { instruments, symbols }: FeedChoice,
  wanted: readonly string[],
  feeds: readonly FeedPlan[],
): string[] {
  if (feeds.some(({ kind }) => kind === 'ticks')) return []
  const names = instruments.filter(({ exchange }) => wanted.includes(exchange)).flatMap(namesOf)
  return unmatchedTerms(parseSymbolPatterns(symbols), names).map(
    (term) => `--symbols ${term} means no instrument of ${wanted.join(', ')}`,
  )
}

function settingsOf(exchange: string, { settings, env }: FeedChoice): ExchangeSettings {
  const written = settings.exchanges.find((one) => one.exchange === exchange)
  return withAddresses(written ?? defaultSettings(exchange), env)
}

/** What an exchange that project.yml says nothing about is collected with. */
function defaultSettings(exchange: string): ExchangeSettings {
  return { exchange, wsUrl: undefined, restUrl: undefined, hasCandles: true, ticks: undefined }
}

/** Of the instruments and of `collect:`, in the order they are written. */
function knownExchanges({ instruments, settings }: FeedChoice): string[] {
  return [...new Set([...instruments, ...settings.exchanges].map(({ exchange }) => exchange))]
}

function checkExchanges(asked: readonly string[], known: readonly string[]): void {
  const unknown = asked.find((exchange) => !known.includes(exchange))
  if (unknown === undefined) return
  const near = nearest(unknown, known)
  throw new KxError('KX_USAGE', `--exchanges ${unknown}: this project lists no such exchange`, {
    hint: near === undefined ? `Choose from: ${known.join(', ')}.` : `Did you mean ${near}?`,
  })
}
