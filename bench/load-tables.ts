import type { Instrument } from '../src/base/index.ts'
import { anInstrument } from '../src/testing/source-tables.ts'
import { nameOf } from './load-data.ts'

export { candleTable, instrumentTable } from '../src/testing/source-tables.ts'

/** The bench's own instruments. */
export function benchInstruments(count: number): Instrument[] {
  return Array.from({ length: count }, (_, i) =>
    anInstrument({
      exchange: 'binance_us',
      nativeSymbol: nameOf(i),
      symbol: nameOf(i).replace('USDT', '-USD'),
      quoteAsset: 'USDT',
      aliases: [],
    }),
  )
}
