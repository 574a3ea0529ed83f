import { expect, test } from 'vitest'
import { createDataWatch } from './data-watch.ts'

test('knows the usual gap of a symbol once there were some, and forgets old ones', () => {
  const watch = createDataWatch(0)
  for (const ms of [0, 1_000, 2_000]) watch.data('BTC', ms)
  expect(watch.gapMs('BTC')).toBeUndefined()

  for (let i = 0; i < 100; i++) watch.data('BTC', 10_000 + i * 7_000)

  expect(watch.gapMs('BTC')).toBe(7_000)
  expect(watch.gapMs('ETH')).toBeUndefined()
})

test('one long gap does not make a busy symbol a slow one', () => {
  const watch = createDataWatch(0)
  for (let i = 0; i < 10; i++) watch.data('BTC', i * 100)
  watch.data('BTC', 3_600_000)

  expect(watch.gapMs('BTC')).toBe(100)
})
