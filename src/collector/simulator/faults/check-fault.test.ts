import { expect, test } from 'vitest'
import { checkFault } from './check-fault.ts'
import { parseFaultOrder } from './parse-fault.ts'

const instruments = [
  { exchange: 'kraken', nativeSymbol: 'BTC/USD' },
  { exchange: 'binance_us', nativeSymbol: 'BTCUSDT' },
]
const check = (order: string) => checkFault(parseFaultOrder(order).fault, instruments)

test.each([
  'drop',
  'drop,exchange=kraken',
  'silence=BTC/USD',
  'silence=BTCUSDT,exchange=binance_us',
  'skew=2s',
])('%s can act', (order) => {
  expect(() => check(order)).not.toThrow()
})

test.each([
  ['drop,exchange=foo', "drop: no exchange 'foo' is simulated", 'Choose from: kraken, binance_us.'],
  ['drop,exchange=krakn', "drop: no exchange 'krakn' is simulated", 'Did you mean kraken?'],
  ['silence=DOGE/EUR', "silence: no simulated exchange lists 'DOGE/EUR'", 'Choose from: BTC/USD, BTCUSDT.'],
  ['reject=BTCUSDT,exchange=kraken', "reject: kraken lists no 'BTCUSDT'", 'Did you mean BTC/USD?'],
])('%s never would: it is refused', (order, message, hint) => {
  expect(() => check(order)).toThrow(expect.objectContaining({ code: 'KX_USAGE', message, hint }))
})
