import { binanceGlobalMapper, binanceUsMapper } from './binance/binance-mapper.ts'
import { bybitMapper } from './bybit/bybit-mapper.ts'
import { krakenMapper } from './kraken/kraken-mapper.ts'
import type { Mapper } from './mapper.ts'
import { okxMapper } from './okx/okx-mapper.ts'

const mappers: readonly Mapper[] = [
  binanceUsMapper,
  krakenMapper,
  binanceGlobalMapper,
  okxMapper,
  bybitMapper,
]

/** Exchanges whose candles kx collects itself. */
export const mappedExchanges: readonly string[] = mappers.map(({ exchange }) => exchange)

/** The mapper of an exchange; undefined where kx has none: its ticks may still come through CCXT. */
export function mapperOf(exchange: string): Mapper | undefined {
  return mappers.find((mapper) => mapper.exchange === exchange)
}
