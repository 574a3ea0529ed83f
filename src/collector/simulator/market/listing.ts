import type { Instrument } from '../../../base/index.ts'
import type { SimulatedInstrument } from '../day/market.ts'
import { fractionAt, seedOf } from '../random.ts'

/** An instrument as its simulated exchange lists it. */
export interface Listing extends SimulatedInstrument {
  /** Bought and paid asset, canonical: `BTC`, `USDT`. */
  readonly base: string
  readonly quote: string
  /** Digits after the point of a trade's size. */
  readonly sizeDigits: number
}

/** Trades per minute on Kraken; Binance US has about a third. 0.9 and below is quiet in 40 % of minutes and more. */
const coins: Readonly<Record<string, readonly [price: number, tradesPerMinute: number]>> = {
  BTC: [64_250, 40],
  ETH: [3_120, 24],
  SOL: [146, 12],
  USDT: [1, 9],
  USDC: [1, 2],
  LINK: [14.3, 1.6],
  DOT: [6.9, 1.1],
  APE: [1.21, 0.7],
  PEPE: [0.0000084, 2],
  TRUMP: [8.4, 1.4],
  JUP: [0.52, 0.9],
  PUMP: [0.0041, 1.2],
  PENGU: [0.0121, 1.5],
  REKT: [0.00000021, 0.6],
  FARTCOIN: [0.41, 1.8],
  WIF: [0.47, 0.9],
  KSM: [16.8, 0.35],
}
/** For coins that are not above. */
const RATES = [0.35, 0.6, 0.9, 1.5, 3, 6, 12]
const DOLLARS = new Set(['USD', 'USDT', 'USDC', 'BUSD', 'FDUSD', 'TUSD', 'DAI'])
const BINANCE_SHARE = 0.35
/** Binance shows eight digits of a traded value: price and size share them. */
const BINANCE_DIGITS = 8
const KRAKEN_SIZE_DIGITS = 8
/** Of coins so cheap that a size with eight digits would not be a safe integer. */
const CHEAP = { below: 0.000001, sizeDigits: 5 }

/** How an exchange lists an instrument: price, digits and rhythm by its coin, the same for the same name. */
export function listingOf(instrument: Instrument | SimulatedInstrument): Listing {
  const base = instrument.symbol.split('-')[0] ?? instrument.symbol
  const isBinance = instrument.exchange.startsWith('binance')
  const [price, rate] = coinOf(base)
  const startPrice = price / (DOLLARS.has(instrument.quoteAsset) ? 1 : coinOf(instrument.quoteAsset)[0])
  const given: Partial<Listing> | undefined = 'tradesPerMinute' in instrument ? instrument : undefined
  const priceDigits = given?.priceDigits ?? digitsOf(given?.startPrice ?? startPrice, isBinance)
  return {
    ...instrument,
    base,
    quote: instrument.quoteAsset,
    startPrice: given?.startPrice ?? startPrice / instrument.multiplier,
    tradesPerMinute:
      given?.tradesPerMinute ?? rate * (isBinance ? BINANCE_SHARE : 1) * quoteShare(instrument),
    priceDigits,
    sizeDigits:
      given?.sizeDigits ??
      (isBinance ? Math.max(0, BINANCE_DIGITS - priceDigits) : krakenSizeDigits(startPrice)),
  }
}

/** Whether a coin is a dollar: its price hardly moves. */
export function isDollar(asset: string): boolean {
  return DOLLARS.has(asset)
}

function coinOf(base: string): readonly [price: number, tradesPerMinute: number] {
  const known = coins[base]
  if (known) return known
  const seed = seedOf(0, base)
  const price = 10 ** (fractionAt(seed, 1) * 5 - 2)
  return [price, RATES[Math.floor(fractionAt(seed, 2) * RATES.length)] ?? 1]
}

/** A step of the price is about 1/50,000 of it. */
function digitsOf(price: number, isBinance: boolean): number {
  const digits = Math.max(isBinance ? 2 : 1, Math.ceil(4.7 - Math.log10(price)))
  return Math.min(digits, isBinance ? BINANCE_DIGITS : 10)
}

function krakenSizeDigits(price: number): number {
  return price < CHEAP.below ? CHEAP.sizeDigits : KRAKEN_SIZE_DIGITS
}

/** BTC against USDC trades far less than against USD. */
function quoteShare({ quoteAsset }: Instrument): number {
  return quoteAsset === 'USDC' ? 0.03 : 1
}
