import { expect, onTestFinished, test } from 'vitest'
import { scaledClock } from '../../base/index.ts'
import { until } from '../../testing/a-tick-feed.ts'
import type { CcxtExchange } from './ccxt-types.ts'
import { listen } from './listen.ts'

test('a symbol that the exchange rejects is asked for again every hour, and the others go on', async () => {
  const asked: string[] = []
  let isListed = false
  const exchange = {
    async watchTicker(symbol: string) {
      asked.push(symbol)
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (symbol === 'NEW/USD' && !isListed)
        throw Object.assign(new Error('no such pair'), { name: 'BadSymbol' })
      return {}
    },
  } as unknown as CcxtExchange
  const realMs = Date.now()
  // An hour is 50 ms.
  const clock = scaledClock(() => ({ factor: 72_000, realMs, atMs: realMs }))
  const end = new AbortController()
  const told: string[] = []

  const listening = listen({
    ...{ exchange, mode: 'watch_ticker', symbols: ['NEW/USD', 'BTC/USD'], clock, signal: end.signal },
    onSubscribed: (symbol) => void told.push(`subscribed ${symbol}`),
    onRejected: (symbol, reason) => void told.push(`rejected ${symbol}: ${reason}`),
  })
  onTestFinished(async () => {
    end.abort()
    await listening
  })
  await until(() => told.filter((one) => one.startsWith('rejected')).length >= 2, 'rejected twice')
  isListed = true
  await until(() => told.includes('subscribed NEW/USD'), 'taken up')

  expect(told).toContain('rejected NEW/USD: no such pair')
  expect(told).toContain('subscribed BTC/USD')
})
