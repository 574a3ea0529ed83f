import { describe, expect, test } from 'vitest'
import type { Instrument } from '../../base/index.ts'
import { indexInstruments, instrumentOf, instrumentOfFile } from './resolve.ts'

function anInstrument(
  exchange: string,
  nativeSymbol: string,
  symbol: string,
  aliases: string[] = [],
): Instrument {
  return {
    exchange,
    nativeSymbol,
    symbol,
    aliases,
    quoteAsset: nativeSymbol.endsWith('USDT') ? 'USDT' : 'USD',
    multiplier: 1,
    marketType: 'spot',
    listedFromMs: undefined,
    listedToMs: undefined,
    renamedFrom: undefined,
  }
}

const index = indexInstruments([
  anInstrument('binance_us', 'BTCUSDT', 'BTC-USD'),
  anInstrument('kraken', 'BTC/USD', 'BTC-USD', ['XBTUSD']),
])
const nothing = { exchange: undefined, symbol: undefined, quote: undefined, nativeSymbol: undefined }

test.each([
  ['kraken', 'XBTUSD', 'kraken BTC/USD BTC-USD USD listed'],
  ['kraken', 'BTCUSD', 'kraken BTC/USD BTC-USD USD listed'],
  ['binance_us', 'btc-usdt', 'binance_us BTCUSDT BTC-USD USDT listed'],
  ['kraken', 'XBTEUR', 'kraken XBTEUR BTC-EUR EUR unlisted'],
  ['kraken', 'XDG/USD', 'kraken XDG/USD DOGE-USD USD unlisted'],
  ['binance_us', 'ETHUSDC', 'binance_us ETHUSDC ETH-USD USDC unlisted'],
  ['binance_us', 'USDCUSDT', 'binance_us USDCUSDT USDC-USD USDT unlisted'],
  ['kraken', 'USDTUSD', 'kraken USDTUSD USDT-USD USD unlisted'],
  ['binance_us', 'BNBUSD', 'binance_us BNBUSD BNB-USD USD unlisted'],
  ['binance_us', 'ADAUSD', 'binance_us ADAUSD ADA-USD USD unlisted'],
  ['binance', 'BTCFDUSD', 'binance BTCFDUSD BTC-USD FDUSD unlisted'],
  ['binance_us', 'ETHBTC', 'binance_us ETHBTC ETH-BTC BTC unlisted'],
])('%s %s is %s', (exchange, native, expected) => {
  const found = instrumentOf(index, exchange, native)

  const { nativeSymbol, symbol, quoteAsset, isListed } = found
  expect(
    `${found.exchange} ${nativeSymbol} ${symbol} ${quoteAsset} ${isListed ? 'listed' : 'unlisted'}`,
  ).toBe(expected)
})

describe('the instrument of a file', () => {
  test('of an archive is the one exchange of that layout that lists it', () => {
    const found = instrumentOfFile(index, {
      file: 'f',
      nativeSymbol: 'BTCUSDT',
      family: 'binance',
      options: nothing,
    })

    expect(found).toMatchObject({ exchange: 'binance_us', isListed: true })
  })

  test('of a CSV is what the user says', () => {
    const options = { ...nothing, exchange: 'coinbase', symbol: 'BTC-USD', quote: 'USD' }

    const found = instrumentOfFile(index, { file: 'f', nativeSymbol: undefined, family: undefined, options })

    expect(found).toMatchObject({
      exchange: 'coinbase',
      nativeSymbol: 'BTCUSD',
      symbol: 'BTC-USD',
      isListed: false,
    })
  })

  test('of a CSV without a word from the user is an error', () => {
    const open = () =>
      instrumentOfFile(index, { file: 'f', nativeSymbol: undefined, family: undefined, options: nothing })

    expect(open).toThrow('f does not say whose candles it holds')
  })
})
