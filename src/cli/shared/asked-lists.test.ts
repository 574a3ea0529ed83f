import { expect, test } from 'vitest'
import { exchangesOf, symbolsOf } from './asked-lists.ts'

test('exchanges are known in any case, by their aliases, each once', () => {
  expect(exchangesOf(undefined, {})).toBeUndefined()
  expect(exchangesOf(' Kraken,binanceus, binance_us', { binanceus: 'binance_us' })).toEqual([
    'kraken',
    'binance_us',
  ])
})

test('symbols stay as they are written', () => {
  expect(symbolsOf(undefined)).toBeUndefined()
  expect(symbolsOf('BTC-USD, eth%,')).toBe('BTC-USD,eth%')
})

test.each(['', ' ', ','])("'%s' is not everything", (list) => {
  const refused = (option: string) =>
    expect.objectContaining({ code: 'KX_USAGE', message: `${option} '${list}' names nothing` })

  expect(() => exchangesOf(list, {})).toThrow(refused('--exchanges'))
  expect(() => symbolsOf(list)).toThrow(refused('--symbols'))
})
