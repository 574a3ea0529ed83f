import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startingWorker, stepWorker, type WorkerEvent, type WorkerState } from './worker-state.ts'

/** Runs `ready 5 exited recovered 2 …`, where a number lets so many seconds pass, in ticks of one. */
function follow(text: string, { random = 0.5, canSplit = false } = {}): string {
  let nowMs = 0
  let state = startingWorker(nowMs)
  const seen: string[] = [state.phase]
  const step = (event: WorkerEvent) => {
    const before = state
    const next = stepWorker(state, event, { nowMs, random: () => random, canSplit })
    state = next.state
    if (state.phase !== before.phase || next.order) {
      seen.push(next.order ? `${state.phase}!${next.order}` : state.phase)
    }
  }
  for (const word of text.split(' ')) {
    if (Number.isNaN(Number(word))) step(word as WorkerEvent)
    for (let second = 0; second < Number(word); second += 1) {
      nowMs += 1000
      step('tick')
    }
  }
  return seen.join(' ')
}

const crash = 'ready exited recovered'

test.each([
  ['it starts and runs', 'ready', 'starting running'],
  [
    'a crash is recovered, waited out and started again',
    `${crash} 1 ready`,
    'starting running crashed backoff restarting!start running',
  ],
  [
    'a start that fails is a crash, too',
    'exited recovered 1 ready',
    'starting crashed backoff restarting!start running',
  ],
  ['nothing is started before the landing is recovered', 'ready exited 500', 'starting running crashed'],
  ['stopping ends when the process does', 'ready stop exited', 'starting running stopping!tell stopped'],
  [
    'stopping while it waits needs no process',
    `${crash} stop 100`,
    'starting running crashed backoff stopped',
  ],
  ['stopping while it is recovered', 'ready exited stop recovered 100', 'starting running crashed stopped'],
  ['once stopped it stays so', 'stop exited ready exited recovered 5000', 'starting stopping!tell stopped'],
  ['an exit is counted once', 'ready exited exited recovered recovered', 'starting running crashed backoff'],
])('%s', (_, events, expected) => {
  expect(follow(events)).toBe(expected)
})

test('waits grow with full jitter to a minute, and a spent budget is one attempt every 15 minutes, for ever', () => {
  const waits: number[] = []
  let nowMs = 0
  let state: WorkerState = startingWorker(nowMs)
  for (let crashes = 0; crashes < 13; crashes += 1) {
    for (const event of ['ready', 'exited', 'recovered'] as const) {
      state = stepWorker(state, event, { nowMs, random: () => 1, canSplit: false }).state
    }
    waits.push((state.dueMs ?? Number.NaN) - nowMs)
    nowMs = state.dueMs ?? Number.NaN
    state = stepWorker(state, 'tick', { nowMs, random: () => 1, canSplit: false }).state
    expect(state.phase).toBe('restarting')
  }

  expect(waits.map((ms) => ms / 1000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 900, 900, 900, 900])
})

test('a minute of running forgives every crash before', () => {
  const crashes = Array.from({ length: 4 }, () => `${crash} 60`).join(' ')

  expect(follow(`${crashes} ready 60 exited recovered 1`, { canSplit: true })).not.toContain('split')
  expect(follow(`${crashes} ready 59 exited recovered 1`, { canSplit: true })).toContain('stopped!split')
})

test('a worker that is never stable is split, unless it is alone with its culprit', () => {
  const crashes = Array.from({ length: 12 }, () => `${crash} 60`).join(' ')

  expect(follow(crashes, { canSplit: true })).toContain('stopped!split')
  expect(follow(crashes, { canSplit: false })).not.toContain('split')
  expect(follow(crashes, { canSplit: false })).toContain('failed')
})

test('whatever happens, a worker is started again unless it was stopped or split', () => {
  const event = fc.constantFrom<WorkerEvent>('ready', 'exited', 'recovered', 'tick')
  const some = fc.array(fc.tuple(event, fc.integer({ min: 0, max: 100_000 })), { maxLength: 100 })
  fc.assert(
    fc.property(some, fc.double({ min: 0, max: 0.99, noNaN: true }), (events, random) => {
      let nowMs = 0
      let state = startingWorker(nowMs)
      for (const [next, ms] of events) {
        nowMs += ms
        state = stepWorker(state, next, { nowMs, random: () => random, canSplit: false }).state
      }

      state = stepWorker(state, 'exited', { nowMs, random: () => random, canSplit: false }).state
      state = stepWorker(state, 'recovered', { nowMs, random: () => random, canSplit: false }).state
      const due = stepWorker(state, 'tick', { nowMs: nowMs + 900_000, random: () => random, canSplit: false })
      expect(due).toMatchObject({ state: { phase: 'restarting' }, order: 'start' })
    }),
  )
})
