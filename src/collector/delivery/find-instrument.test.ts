import { expect, test } from 'vitest'
import type { Instrument } from '../../base/index.ts'
import { instrumentFinder } from './find-instrument.ts'

const rekt: Instrument = {
  exchange: 'kraken',
  nativeSymbol: '1000REKT/USD',
  symbol: 'REKT-USD',
  quoteAsset: 'USD',
  multiplier: 1000,
  marketType: 'spot',
  listedFromMs: undefined,
  listedToMs: undefined,
  renamedFrom: undefined,
  aliases: ['1000REKTUSD'],
}

test.each([
  ['1000REKT/USD', undefined, 'REKT-USD', 'USD'],
  ['1000REKTUSD', undefined, 'REKT-USD', 'USD'],
  ['XBTUSDT', undefined, 'BTC-USD', 'USDT'],
  ['BNBUSD', undefined, 'BNB-USD', 'USD'],
  ['tBTCUST', 'BTC/USDT', 'BTC-USD', 'USDT'],
  ['tBTCF0', 'BTC/USDT:USDT', 'BTC-USDT:USDT', 'USDT'],
  ['NEWEUR', undefined, 'NEW-EUR', 'EUR'],
])('%s, unified %s, is %s in %s', (native, unified, symbol, quoteAsset) => {
  const find = instrumentFinder('kraken', [rekt, { ...rekt, exchange: 'okx', nativeSymbol: 'BNBUSD' }])

  expect(find(native, unified)).toMatchObject({ nativeSymbol: native, symbol, quoteAsset })
  expect(find(native, unified)).toBe(find(native))
})
