import type { CcxtExchange } from './ccxt-types.ts'
import { unknownExchange } from './check-ids.ts'

/** Where an exchange is reached; undefined: where CCXT reaches it. */
export interface CcxtAddresses {
  readonly restUrl: string | undefined
  readonly wsUrl: string | undefined
}

type Constructor = new (options: Readonly<Record<string, unknown>>) => CcxtExchange

/**
 * A CCXT Pro exchange. CCXT takes 0.8 s and 100 MB to load: only processes that listen through it do, and only here.
 * Its own rate limiter is off, for it knows of one process alone: the broker stands in its place.
 *
 * @throws {KxError} KX_EXCHANGE_UNKNOWN if CCXT has no WebSocket for it
 */
export async function loadExchange(ccxtId: string, addresses: CcxtAddresses): Promise<CcxtExchange> {
  const { default: ccxt } = await import('ccxt')
  const constructors = ccxt.pro as unknown as Readonly<Record<string, Constructor>>
  const Exchange = Object.hasOwn(constructors, ccxtId) ? constructors[ccxtId] : undefined
  if (Exchange === undefined) throw unknownExchange(ccxtId, Object.keys(constructors))
  const exchange = new Exchange({ enableRateLimit: false, newUpdates: true })
  exchange.urls = { ...exchange.urls, api: redirect(exchange.urls.api, addresses) }
  if (addresses.wsUrl?.startsWith('ws:')) await exchange.loadHttpProxyAgent()
  return exchange
}

/** The same addresses at other hosts: paths stay. */
function redirect(api: unknown, addresses: CcxtAddresses): unknown {
  if (typeof api === 'string') {
    const base = /^wss?:/.test(api) ? addresses.wsUrl : addresses.restUrl
    if (base === undefined) return api
    return api.replace(/^[a-z]+:\/\/[^/]+/, hostOf(base))
  }
  if (typeof api !== 'object' || api === null) return api
  return Object.fromEntries(Object.entries(api).map(([name, value]) => [name, redirect(value, addresses)]))
}

function hostOf(url: string): string {
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}`
}
