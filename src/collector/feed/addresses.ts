import type { ExchangeSettings } from '../../base/index.ts'

/**
 * Settings with the addresses that the environment gives where they name none: `KX_WS_BINANCE_US`,
 * `KX_REST_BINANCE_US`. What neither names is the mapper's own.
 */
export function withAddresses(
  settings: ExchangeSettings,
  env: Readonly<Record<string, string | undefined>>,
): ExchangeSettings {
  const name = settings.exchange.toUpperCase()
  const given = (key: string) => (env[key] === '' ? undefined : env[key])
  return {
    ...settings,
    wsUrl: settings.wsUrl ?? given(`KX_WS_${name}`),
    restUrl: settings.restUrl ?? given(`KX_REST_${name}`),
  }
}
