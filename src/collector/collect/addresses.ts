import type { ExchangeSettings } from '../../base/index.ts'

/**
 * Settings of an exchange with the addresses that KX_WS_KRAKEN and KX_REST_KRAKEN give where project.yml says
 * nothing. What is still undefined is the exchange's own.
 */
export function withAddresses(
  settings: ExchangeSettings,
  env: Readonly<Record<string, string | undefined>>,
): ExchangeSettings {
  const named = (kind: 'WS' | 'REST') => env[`KX_${kind}_${settings.exchange.toUpperCase()}`] || undefined
  return {
    ...settings,
    wsUrl: settings.wsUrl ?? named('WS'),
    restUrl: settings.restUrl ?? named('REST'),
  }
}

/** What an exchange that project.yml says nothing about is collected with. */
export function defaultSettings(exchange: string): ExchangeSettings {
  return { exchange, wsUrl: undefined, restUrl: undefined, hasCandles: true, ticks: undefined }
}
