import { expect, test } from 'vitest'
import { aFastClock, aSimulator } from '../../../testing/a-simulator.ts'

/** What is touched of an exchange of CCXT. */
interface CcxtExchange {
  readonly urls: { api: Record<string, string | Record<string, string>> }
  loadHttpProxyAgent(): Promise<unknown>
  loadMarkets(): Promise<Record<string, { readonly id: string }>>
  watchTicker(
    symbol: string,
  ): Promise<{ readonly last?: number; readonly bid?: number; readonly ask?: number }>
  watchTickers(symbols: readonly string[]): Promise<Record<string, { readonly last?: number }>>
  fetchOHLCV(symbol: string, timeframe: string): Promise<number[][]>
  close(): Promise<unknown>
}

/** It takes a second to load. */
async function pro(name: 'kraken' | 'binanceus'): Promise<CcxtExchange> {
  const { pro: exchanges } = (await import('ccxt')) as unknown as {
    pro: Record<string, new () => CcxtExchange>
  }
  const Exchange = exchanges[name] as new () => CcxtExchange
  const exchange = new Exchange()
  // Without it CCXT refuses ws:// addresses.
  await exchange.loadHttpProxyAgent()
  return exchange
}

test('CCXT lists markets, fetches candles and watches tickers of Kraken', { timeout: 30_000 }, async () => {
  const { urls } = await aSimulator({ clock: aFastClock(20) })
  const kraken = await pro('kraken')
  kraken.urls.api.public = urls.kraken.rest
  ;(kraken.urls.api.ws as Record<string, string>).publicV2 = urls.kraken.ws

  try {
    expect(Object.keys(await kraken.loadMarkets()).sort()).toEqual([
      'BTC/USD',
      'DOT/USD',
      'ETH/USD',
      'LINK/USD',
      'PEPE/USD',
      'SOL/USD',
    ])
    const ticker = await kraken.watchTicker('BTC/USD')
    const tickers = await kraken.watchTickers(['ETH/USD', 'SOL/USD'])
    const candles = await kraken.fetchOHLCV('BTC/USD', '1m')

    expect(ticker.bid ?? 0).toBeLessThan(ticker.ask ?? 0)
    expect(Object.keys(tickers).length).toBeGreaterThan(0)
    expect(candles.length).toBeGreaterThan(700)
  } finally {
    await kraken.close()
  }
})

test('CCXT lists markets, fetches candles and watches tickers of Binance US', {
  timeout: 30_000,
}, async () => {
  const { urls } = await aSimulator({ clock: aFastClock(20) })
  const binance = await pro('binanceus')
  for (const name of ['public', 'private', 'sapi', 'sapiV2', 'sapiV3', 'v1', 'v3', 'web'])
    binance.urls.api[name] = `${urls.binance_us.rest}/api/v3`
  ;(binance.urls.api.ws as Record<string, string>).spot = `${urls.binance_us.ws}/ws`

  try {
    expect(Object.keys(await binance.loadMarkets())).toContain('BTC/USDT')
    const ticker = await binance.watchTicker('BTC/USDT')
    const tickers = await binance.watchTickers(['ETH/USDT', 'SOL/USDT'])
    const candles = await binance.fetchOHLCV('BTC/USDT', '1m')

    expect(ticker.last ?? 0).toBeGreaterThan(1000)
    expect(Object.keys(tickers).length).toBeGreaterThan(0)
    expect(candles.length).toBe(500)
  } finally {
    await binance.close()
  }
})
