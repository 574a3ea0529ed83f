import { describe, expect, test } from 'vitest'
import { faultKinds } from './fault-fields.ts'
import { parseFault, parseFaultOrder } from './parse-fault.ts'

describe('a fault on the command line', () => {
  test.each([
    ['drop', { kind: 'drop' }, undefined],
    ['drop=0.01/s', { kind: 'drop' }, 0.6],
    ['drop=2/min,exchange=kraken', { kind: 'drop', exchange: 'kraken' }, 2],
    ['hang=1m', { kind: 'hang', forMs: 60_000 }, undefined],
    ['close-every=30s', { kind: 'close-every', everyMs: 30_000 }, undefined],
    ['silence=BTC/USD,for=5m', { kind: 'silence', symbol: 'BTC/USD', forMs: 300_000 }, undefined],
    [
      'corrupt=last,how=garbled,times=3',
      { kind: 'corrupt', target: 'last', how: 'garbled', times: 3 },
      undefined,
    ],
    ['delay-final=90s,minute=59', { kind: 'delay-final', byMs: 90_000, minute: 59 }, undefined],
    ['split=500ms', { kind: 'split', overMs: 500 }, undefined],
    ['skew=-2s', { kind: 'skew', skewMs: -2000 }, undefined],
    ['rate-limit=30s', { kind: 'rate-limit', retryAfterMs: 30_000 }, undefined],
    ['server-error=502,for=1m', { kind: 'server-error', status: 502, forMs: 60_000 }, undefined],
    ['error-body=EService:Unavailable', { kind: 'error-body', error: 'EService:Unavailable' }, undefined],
    ['burst=50,connection=kraken-1', { kind: 'burst', frames: 50, connection: 'kraken-1' }, undefined],
  ])('%s', (text, fault, perMinute) => {
    expect(parseFaultOrder(text)).toEqual({ fault, perMinute })
  })

  test.each([
    ['dorp', "'dorp' is no kind of fault"],
    ['drop=1', "'drop' takes no value"],
    ['skew', 'skew needs its skewMs'],
    ['hang=soon', "forMs 'soon' is not a duration"],
    ['corrupt=middle', "target 'middle' is not a choice of any, last, closing, answer"],
    ['duplicate,often=3', 'a fault of this kind has no often'],
    ['duplicate,times=-1', "times '-1' is not a whole number"],
  ])('%s is refused: %s', (text, message) => {
    expect(() => parseFaultOrder(text)).toThrow(expect.objectContaining({ code: 'KX_USAGE', message }))
  })
})

describe('a fault as JSON', () => {
  test('is taken as it is', () => {
    const fault = { kind: 'hang', exchange: 'kraken', forMs: 1000 }

    expect(parseFault(fault)).toEqual(fault)
  })

  test.each([
    [{ kind: 'hang', forMs: '1m' }, 'hang: forMs "1m" is not a duration'],
    [{ kind: 'nosuch' }, "'nosuch' is no kind of fault"],
    [{ forMs: 1 }, 'a fault is an object with a kind'],
    [null, 'a fault is an object with a kind'],
  ])('%j is refused: %s', (value, message) => {
    expect(() => parseFault(value)).toThrow(expect.objectContaining({ code: 'KX_USAGE', message }))
  })
})

test('the issue asks for these kinds, and each is there', () => {
  expect(faultKinds).toEqual([
    ...[
      'drop',
      'hang',
      'close',
      'close-every',
      'shutdown',
      'silence',
      'reject',
      'duplicate',
      'reorder',
      'corrupt',
    ],
    ...['delay-final', 'split', 'skew', 'refuse-connect', 'rate-limit', 'ban', 'server-error', 'slow-body'],
    ...['error-body', 'burst'],
  ])
})
