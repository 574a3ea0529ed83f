import { type Instrument, KxError } from '../../base/index.ts'

/** What the user said of a file's instrument. */
export interface InstrumentOptions {
  readonly exchange: string | undefined
  readonly symbol: string | undefined
  readonly quote: string | undefined
  readonly nativeSymbol: string | undefined
}

/** An instrument and whether project.yml lists it. */
export interface ResolvedInstrument extends Instrument {
  readonly isListed: boolean
}

/**
 * Quotes a name without a slash may end with. Where one ends with another (BNBUSD: BNB-USD or BN-BUSD?) the split
 * with a known base wins, else the first here: neither the longest nor the shortest is right for every name.
 */
const QUOTES = [
  ...[
    'USDT',
    'USDC',
    'USD',
    'EUR',
    'GBP',
    'JPY',
    'AUD',
    'CAD',
    'CHF',
    'TRY',
    'BRL',
    'BTC',
    'XBT',
    'ETH',
    'BNB',
  ],
  ...['FDUSD', 'TUSD', 'BUSD', 'USDD', 'DAI'],
]
const KNOWN_BASES = new Set(
  'BTC XBT ETH BNB SOL XRP ADA DOGE XDG LTC BCH LINK DOT TRX USDT USDC DAI TUSD BUSD FDUSD EUR GBP'.split(
    ' ',
  ),
)
const DOLLARS = new Set(['USDT', 'USDC', 'FDUSD', 'TUSD', 'BUSD', 'USDD', 'DAI'])
const KRAKEN_ASSETS: Readonly<Record<string, string>> = { XBT: 'BTC', XDG: 'DOGE' }

/** Instruments, found by any spelling of their native symbol or by what they mean. */
export interface InstrumentIndex {
  readonly instruments: readonly Instrument[]
  /** By exchange and spelling; the spelling as `spell` gives it. */
  readonly byNative: ReadonlyMap<string, Instrument>
}

/** Builds the index of project.yml's instruments. */
export function indexInstruments(instruments: readonly Instrument[]): InstrumentIndex {
  const byNative = new Map<string, Instrument>()
  for (const instrument of instruments) {
    for (const name of [...instrument.aliases, instrument.nativeSymbol]) {
      byNative.set(`${instrument.exchange} ${spell(name)}`, instrument)
    }
  }
  return { instruments, byNative }
}

/** The instrument of `exchange` that is natively called `nativeSymbol`; an unlisted one is made from its name. */
export function instrumentOf(
  index: InstrumentIndex,
  exchange: string,
  nativeSymbol: string,
  hint: { readonly symbol?: string | undefined; readonly quote?: string | undefined } = {},
): ResolvedInstrument {
  const listed = index.byNative.get(`${exchange} ${spell(nativeSymbol)}`)
  if (listed) return { ...listed, isListed: true }
  const { base, quote } = splitSymbol(nativeSymbol, hint)
  return {
    exchange,
    nativeSymbol,
    symbol: hint.symbol ?? `${base}-${DOLLARS.has(quote) ? 'USD' : quote}`,
    quoteAsset: quote,
    multiplier: 1,
    marketType: 'spot',
    listedFromMs: undefined,
    listedToMs: undefined,
    renamedFrom: undefined,
    aliases: [],
    isListed: false,
  }
}

/**
 * The instrument of a file that holds one: from what the user said, the file's name and the listed ones.
 *
 * @param family exchanges that write this layout begin so: `binance`, `kraken`; undefined: any
 * @throws {KxError} KX_USAGE if the exchange or the symbol stays open
 */
export function instrumentOfFile(
  index: InstrumentIndex,
  {
    file,
    nativeSymbol,
    family,
    options,
  }: {
    readonly file: string
    readonly nativeSymbol: string | undefined
    readonly family: string | undefined
    readonly options: InstrumentOptions
  },
): ResolvedInstrument {
  const byMeaning = findByMeaning(index, options)
  if (byMeaning && nativeSymbol === undefined) return { ...byMeaning, isListed: true }
  const native = options.nativeSymbol ?? nativeSymbol ?? nativeFrom(options)
  if (native === undefined) {
    throw new KxError('KX_USAGE', `${file} does not say whose candles it holds`, {
      hint: 'Give --exchange, --symbol and --quote: --exchange coinbase --symbol BTC-USD --quote USD.',
    })
  }
  const exchange = options.exchange ?? exchangeOf(index, native, family)
  if (exchange === undefined) {
    throw new KxError('KX_USAGE', `${file}: which exchange '${native}' is of cannot be told`, {
      hint: 'Give --exchange, for example --exchange binance_us.',
    })
  }
  return instrumentOf(index, exchange, native, { symbol: options.symbol, quote: options.quote })
}

function findByMeaning(index: InstrumentIndex, options: InstrumentOptions): Instrument | undefined {
  const { exchange, symbol, quote, nativeSymbol } = options
  if (exchange === undefined || symbol === undefined || nativeSymbol !== undefined) return undefined
  const found = index.instruments.filter(
    (one) =>
      one.exchange === exchange && one.symbol === symbol && (quote === undefined || one.quoteAsset === quote),
  )
  return found.length === 1 ? found[0] : undefined
}

function nativeFrom({ symbol, quote, exchange }: InstrumentOptions): string | undefined {
  if (exchange === undefined || symbol === undefined) return undefined
  const [base, asset] = symbol.split('-')
  return `${base}${quote ?? asset ?? ''}`
}

/** The one listed exchange of the family that has the symbol; else the only one of the family at all. */
function exchangeOf(index: InstrumentIndex, native: string, family: string | undefined): string | undefined {
  const ofFamily = index.instruments.filter(
    ({ exchange }) => family === undefined || exchange.startsWith(family),
  )
  const all = new Set(ofFamily.map(({ exchange }) => exchange))
  const having = [...all].filter((exchange) => index.byNative.has(`${exchange} ${spell(native)}`))
  if (having.length === 1) return having[0]
  if (family === undefined || having.length > 1) return undefined
  if (all.size === 1) return [...all][0]
  return all.size === 0 && family === 'kraken' ? 'kraken' : undefined
}

function quoteOf(whole: string): string | undefined {
  const endings = QUOTES.filter((quote) => whole.endsWith(quote) && whole.length > quote.length)
  return endings.find((quote) => KNOWN_BASES.has(whole.slice(0, -quote.length))) ?? endings[0]
}

function splitSymbol(
  native: string,
  hint: { symbol?: string | undefined; quote?: string | undefined },
): { base: string; quote: string } {
  const parts = native.toUpperCase().split(/[-/_:]/)
  const whole = parts.join('')
  const suffix = parts.length === 2 ? parts[1] : quoteOf(whole)
  const quote = hint.quote ?? suffix ?? hint.symbol?.split('-')[1] ?? ''
  const base = whole.slice(0, whole.length - (suffix?.length ?? 0))
  return { base: KRAKEN_ASSETS[base] ?? base, quote: KRAKEN_ASSETS[quote] ?? quote }
}

/** One spelling for `BTC/USD`, `btc-usd` and `BTCUSD`. */
function spell(nativeSymbol: string): string {
  return nativeSymbol.toUpperCase().replaceAll(/[-/_:]/g, '')
}
