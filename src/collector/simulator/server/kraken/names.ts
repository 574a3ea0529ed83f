import type { Listing } from '../../market/listing.ts'

/** An instrument's names at Kraken. */
export interface KrakenNames {
  /** `XXBTZUSD`: the key of its REST answers. */
  readonly key: string
  /** `XBTUSD` */
  readonly altname: string
  /** `XBT/USD`: the name of the first WebSocket, refused by the second. */
  readonly wsname: string
  /** `XXBT`, `ZUSD` */
  readonly baseAsset: string
  readonly quoteAsset: string
}

/** Kraken's own names of assets. */
const ALTNAMES: Readonly<Record<string, string>> = { BTC: 'XBT', DOGE: 'XDG' }
/** Assets of its first years carry a letter in front: X coins, Z money. */
const OLD_COINS = new Set(['XBT', 'XDG', 'ETH', 'LTC', 'XRP', 'XLM', 'ETC', 'ZEC', 'XMR', 'REP', 'MLN'])
const OLD_MONEY = new Set(['USD', 'EUR', 'GBP', 'CAD', 'JPY', 'AUD'])
/** Pairs whose key is not the rule's. */
const ODD_KEYS: Readonly<Record<string, string>> = { XDGUSD: 'XDGUSD', USDTUSD: 'USDTZUSD' }

/** `BTC` is `XBT`. */
export function altnameOf(asset: string): string {
  return ALTNAMES[asset] ?? asset
}

/** `BTC` is `XXBT`, `USD` is `ZUSD`, `SOL` is itself. */
export function assetCodeOf(asset: string): string {
  const altname = altnameOf(asset)
  if (OLD_COINS.has(altname)) return `X${altname}`
  return OLD_MONEY.has(altname) ? `Z${altname}` : altname
}

/** All names of a listing. */
export function namesOf({ base, quote }: Listing): KrakenNames {
  const [left, right] = [altnameOf(base), altnameOf(quote)]
  const [baseAsset, quoteAsset] = [assetCodeOf(base), assetCodeOf(quote)]
  const altname = `${left}${right}`
  const isOld = baseAsset !== left && quoteAsset !== right
  const key = ODD_KEYS[altname] ?? (isOld ? `${baseAsset}${quoteAsset}` : altname)
  return { key, altname, wsname: `${left}/${right}`, baseAsset, quoteAsset }
}

/** Finds listings by any spelling, and says under which key an answer stands. */
export interface PairIndex {
  find(pair: string): { readonly listing: Listing; readonly key: string } | undefined
}

/** The index of an exchange's listings: `XBTUSD`, `XXBTZUSD` and `XBT/USD` answer as `XXBTZUSD`, `BTC/USD` as itself. */
export function indexPairs(listings: readonly Listing[]): PairIndex {
  const bySpelling = new Map<string, { listing: Listing; key: string }>()
  for (const listing of listings) {
    const { key, altname, wsname } = namesOf(listing)
    for (const name of [altname, key, wsname]) bySpelling.set(name, { listing, key })
    const slashed = `${listing.base}/${listing.quote}`
    bySpelling.set(slashed, { listing, key: slashed })
    bySpelling.set(listing.nativeSymbol, { listing, key: listing.nativeSymbol })
  }
  return { find: (pair) => bySpelling.get(pair) }
}
