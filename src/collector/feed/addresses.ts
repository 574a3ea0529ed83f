import { type ExchangeSettings, KxError } from '../../base/index.ts'

/**
 * Settings with the addresses that the environment gives where they name none: `KX_WS_BINANCE_US`,
 * `KX_REST_BINANCE_US`. What neither names is the mapper's own.
 *
 * @throws {KxError} KX_USAGE if one of the environment is no address
 */
export function withAddresses(
  settings: ExchangeSettings,
  env: Readonly<Record<string, string | undefined>>,
): ExchangeSettings {
  const name = settings.exchange.toUpperCase()
  const given = (key: string, schemes: readonly string[]) => {
    const text = env[key]
    return text === undefined || text === '' ? undefined : addressOf(key, text, schemes)
  }
  return {
    ...settings,
    wsUrl: settings.wsUrl ?? given(`KX_WS_${name}`, ['wss:', 'ws:']),
    restUrl: settings.restUrl ?? given(`KX_REST_${name}`, ['https:', 'http:']),
  }
}

function addressOf(key: string, text: string, schemes: readonly string[]): string {
  if (URL.canParse(text) && schemes.includes(new URL(text).protocol)) return text
  const [safe, plain] = schemes.map((scheme) => `${scheme}//`)
  throw new KxError('KX_USAGE', `${key} is no address: '${text}'`, {
    hint: `Write a URL that begins with ${safe} or ${plain}, or unset it.`,
  })
}
