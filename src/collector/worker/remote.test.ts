import { expect, test } from 'vitest'
import type { FromWorker } from './protocol.ts'
import { createRemoteBroker } from './remote-broker.ts'
import { createRemoteTrades } from './remote-trades.ts'

const ask = { address: 'wss://ws.kraken.com', kind: 'connect', weight: 1, priority: 'live' } as const

test('who leaves the queue of the broker is not asked for again: the next one takes his place', async () => {
  const sent: FromWorker[] = []
  const broker = createRemoteBroker((message) => sent.push(message))
  const leaving = new AbortController()
  const left = broker.grant(ask, leaving.signal)
  leaving.abort(new Error('left'))
  await expect(left).rejects.toThrow('left')

  const granted = broker.grant(ask)
  broker.granted(0)

  await granted
  expect(sent).toHaveLength(1)
})

test('two who ask at a time are two', async () => {
  const sent: FromWorker[] = []
  const broker = createRemoteBroker((message) => sent.push(message))
  const both = Promise.all([broker.grant(ask), broker.grant(ask)])

  broker.granted(1)
  broker.granted(0)

  await both
  expect(sent).toHaveLength(2)
})

test('one question about a symbol is under way at a time', async () => {
  const sent: FromWorker[] = []
  const trades = createRemoteTrades((message) => sent.push(message))
  const held = { startMs: 0, volume: '1', tradeCount: '1' }
  const btc = { exchange: 'kraken', nativeSymbol: 'BTC/USD', sinceMs: 1, held }
  const first = trades.hadTrades(btc)
  const second = trades.hadTrades({ ...btc, sinceMs: 2 })
  const ofAnotherRow = trades.hadTrades({ ...btc, held: { ...held, tradeCount: '2' } })
  const other = trades.hadTrades({ ...btc, nativeSymbol: 'ETH/USD' })
  const [all, more] = [
    { hadTrades: false, isAllHeld: true },
    { hadTrades: true, isAllHeld: false },
  ]

  trades.answered(0, all)
  trades.answered(1, more)
  trades.answered(2, null)

  expect(await Promise.all([first, second, ofAnotherRow, other])).toEqual([all, all, more, undefined])
  expect(sent).toHaveLength(3)
})
