import { expect, test } from 'vitest'
import { systemClock } from '../../base/index.ts'
import type { Told } from './machine-types.ts'
import { noteEvent } from './note-event.ts'

const base = { level: 'warn', attempt: undefined, symbol: undefined } as const

test.each<[Pick<Told, 'event' | 'cause' | 'details'> & { symbol?: string }, string]>([
  [
    {
      event: 'rejected',
      cause: 'unlisted',
      details: { reason: 'the exchange does not list it' },
      symbol: 'NIXUSDT',
    },
    'kraken NIXUSDT: rejected (unlisted: the exchange does not list it)',
  ],
  [
    { event: 'rejected', cause: 'rejected', details: { reason: 'not supported' }, symbol: 'NOPE/USD' },
    'kraken NOPE/USD: rejected (not supported)',
  ],
  [
    { event: 'disconnected', cause: 'closed_by_exchange', details: { code: 1001 } },
    'kraken: disconnected (closed_by_exchange: code 1001)',
  ],
  [
    { event: 'connect_failed', cause: 'unreachable', details: { retry_in_ms: 500 } },
    'kraken: connect failed (unreachable: retry in 500 ms)',
  ],
  [{ event: 'live', cause: undefined, details: undefined }, 'kraken: live'],
])('%j reads as a line', (told, text) => {
  const said: string[] = []
  const context = {
    clock: systemClock,
    land: () => {},
    log: (_: string, __: string, line: string) => said.push(line),
  }

  noteEvent(context, { ...base, ...told }, { exchange: 'kraken', feedId: 'f', instrument: undefined })

  expect(said).toEqual([text])
})
