import { expect, test } from 'vitest'
import { mappedExchanges, mapperOf, requireMapper } from './index.ts'

test('every mapper answers to its own name', () => {
  expect(mappedExchanges).toEqual(['binance_us', 'kraken', 'binance', 'okx', 'bybit'])
  expect(mappedExchanges.map((id) => mapperOf(id)?.exchange)).toEqual(mappedExchanges)
  expect(mapperOf('coinbase')).toBeUndefined()
})

test.each([
  ['krakken', 'Did you mean kraken?'],
  ['coinbase', 'Candles of Coinbase are not collected yet: collect its ticks, or load files.'],
  ['mtgox', 'Choose one of: binance_us, kraken, binance, okx, bybit.'],
])('who asks for %s is told: %s', (exchange, hint) => {
  expect(() => requireMapper(exchange)).toThrow(
    expect.objectContaining({ code: 'KX_EXCHANGE_UNKNOWN', hint }),
  )
})
