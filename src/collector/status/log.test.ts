import { expect, test } from 'vitest'
import { createEventQueue } from './event-queue.ts'
import { rateLimitedLog } from './log.ts'

function aLog() {
  const lines: string[] = []
  const time = { ms: 0 }
  const clock = { now: () => time.ms, monotonicMs: () => time.ms, sleep: async () => true }
  const log = rateLimitedLog(clock, ({ cause, message, suppressed }) => {
    lines.push(`${cause}: ${message} +${suppressed}`)
  })
  return { log, lines, time }
}

test('a cause that goes on is a line a minute, which says how many there were', () => {
  const { log, lines, time } = aLog()

  for (let second = 0; second < 120; second += 1) {
    time.ms = second * 1000
    log('warn', 'kraken_silent', `${second}`)
  }
  log('warn', 'okx_silent', 'once')

  expect(lines).toEqual(['kraken_silent: 0 +0', 'kraken_silent: 60 +59', 'okx_silent: once +0'])
})

test('any number of causes takes a bounded memory', () => {
  const { log, lines } = aLog()

  for (let i = 0; i < 5000; i += 1) log('info', `cause_${i}`, '')

  expect(lines).toHaveLength(5000)
})

test('events that nobody takes are dropped, the oldest first', () => {
  const queue = createEventQueue<number>(3)

  for (let i = 0; i < 10; i += 1) queue.push(i)

  expect(queue.take()).toEqual([7, 8, 9])
  expect(queue.take()).toEqual([])
})

test('who waits for an event is woken by it, or by the end', async () => {
  const queue = createEventQueue<number>(3)
  const end = new AbortController()

  const filled = queue.filled(end.signal)
  queue.push(1)
  await filled
  queue.take()
  const ended = queue.filled(end.signal)
  end.abort()

  await ended
})
