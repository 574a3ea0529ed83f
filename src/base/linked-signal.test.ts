import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { linkedSignal } from './linked-signal.ts'

test('a linked signal aborts with any of the others, also with one that was over before', () => {
  const [one, other] = [new AbortController(), new AbortController()]
  using linked = linkedSignal(one.signal, other.signal)

  expect(linked.signal.aborted).toBe(false)
  other.abort()

  expect(linked.signal.aborted).toBe(true)
  using late = linkedSignal(one.signal, other.signal)
  expect(late.signal.aborted).toBe(true)
})

test('a linked signal that is done with leaves nothing behind, and hears nothing more', () => {
  const long = new AbortController()
  let linked = linkedSignal(long.signal)
  for (let i = 0; i < 10; i++) {
    linked[Symbol.dispose]()
    linked = linkedSignal(long.signal)
  }
  linked[Symbol.dispose]()

  expect(getEventListeners(long.signal, 'abort')).toEqual([])
  long.abort()
  expect(linked.signal.aborted).toBe(false)
})
