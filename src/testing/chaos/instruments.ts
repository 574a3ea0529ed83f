import type { Instrument } from '../../base/index.ts'

/** Busy and quiet ones in turn, so that any number of them has both. */
const COINS = [
  ...[
    'BTC',
    'KSM',
    'ETH',
    'DOT',
    'SOL',
    'APE',
    'PEPE',
    'LINK',
    'WIF',
    'TRUMP',
    'JUP',
    'PUMP',
    'PENGU',
    'REKT',
  ],
  ...[
    'FARTCOIN',
    'ADA',
    'XRP',
    'DOGE',
    'LTC',
    'AVAX',
    'UNI',
    'ATOM',
    'NEAR',
    'ALGO',
    'XLM',
    'ETC',
    'BCH',
    'FIL',
  ],
  ...['AAVE', 'POL'],
]

/** The first `count` coins (at most 30) on Kraken and on Binance US, listed from `listedFromMs` on. */
export function instrumentsOf(count: number, listedFromMs: number): Instrument[] {
  if (count > COINS.length) throw new Error(`there are ${COINS.length} coins, not ${count}`)
  const of = (exchange: string, nativeSymbol: string, base: string, quoteAsset: string): Instrument => ({
    exchange,
    nativeSymbol,
    symbol: `${base}-USD`,
    quoteAsset,
    multiplier: 1,
    marketType: 'spot',
    listedFromMs,
    listedToMs: undefined,
    renamedFrom: undefined,
    aliases: [],
  })
  return COINS.slice(0, count).flatMap((base) => [
    of('kraken', `${base}/USD`, base, 'USD'),
    of('binance_us', `${base}USDT`, base, 'USDT'),
  ])
}
