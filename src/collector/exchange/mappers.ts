import { KxError, nearest } from '../../base/index.ts'
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

/**
 * The mapper of an exchange that a command names.
 *
 * @throws {KxError} KX_EXCHANGE_UNKNOWN if kx has none
 */
export function requireMapper(exchange: string): Mapper {
  const mapper = mapperOf(exchange)
  if (mapper !== undefined) return mapper
  throw new KxError('KX_EXCHANGE_UNKNOWN', `kx has no mapper for '${exchange}'`, { hint: hintFor(exchange) })
}

function hintFor(exchange: string): string {
  if (exchange === 'coinbase')
    return 'Candles of Coinbase are not collected yet: collect its ticks, or load files.'
  const near = nearest(exchange, mappedExchanges)
  return near === undefined ? `Choose one of: ${mappedExchanges.join(', ')}.` : `Did you mean ${near}?`
}
