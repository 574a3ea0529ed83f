import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeFromWorker } from './merge-messages.ts'
import { createOutbox } from './outbox.ts'
import type { FromWorker, WorkerStatus } from './protocol.ts'

const status = (syncedBytes: number): FromWorker => ({
  type: 'status',
  status: {
    feeds: [],
    pendingBytes: 0,
    sinceSyncS: null,
    syncedBytes,
    residentBytes: 0,
    loopDelayP99Ms: 0,
  } satisfies WorkerStatus,
})
const synced = (path: string, bytes: number): FromWorker => ({
  type: 'synced',
  parts: [{ path, bytes, isSealed: false }],
})

/** A pipe that takes nothing until it is told to. */
function aSlowPipe() {
  const written: FromWorker[] = []
  const done: (() => void)[] = []
  const outbox = createOutbox<FromWorker>({
    mostInFlight: 2,
    merge: mergeFromWorker,
    write: (message, taken) => {
      written.push(message)
      done.push(taken)
    },
  })
  return {
    outbox,
    written,
    drain() {
      for (let next = done.shift(); next !== undefined; next = done.shift()) next()
    },
  }
}

test('a slow supervisor gets the newest status and everything that is synced, in one message each', () => {
  const pipe = aSlowPipe()
  for (let i = 1; i <= 1000; i++) {
    pipe.outbox.send(status(i))
    pipe.outbox.send(synced(`part-${i % 3}`, i))
  }
  expect(pipe.outbox.waiting()).toBe(2)

  pipe.drain()

  expect(pipe.written.slice(2)).toEqual([
    status(1000),
    {
      type: 'synced',
      parts: expect.arrayContaining([
        { path: 'part-0', bytes: 999, isSealed: false },
        { path: 'part-1', bytes: 1000, isSealed: false },
        { path: 'part-2', bytes: 998, isSealed: false },
      ]),
    },
  ])
})

test('asks are never merged, and keep their order', () => {
  const pipe = aSlowPipe()
  const ask = { address: 'wss://x', kind: 'connect', weight: 1, priority: 'live' } as const
  for (let id = 0; id < 10; id++) pipe.outbox.send({ type: 'ask', id, ask })

  pipe.drain()

  expect(pipe.written.map((message) => (message.type === 'ask' ? message.id : -1))).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
  ])
})

test('whatever is sent and however slowly it is read, the last word on every part arrives', () => {
  const message = fc.oneof(
    fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat()).map(([path, bytes]) => synced(path, bytes)),
    fc.nat().map(status),
    fc.constant(undefined),
  )
  fc.assert(
    fc.property(fc.array(message), (steps) => {
      const pipe = aSlowPipe()
      for (const step of steps) {
        if (step === undefined) pipe.drain()
        else pipe.outbox.send(step)
      }
      pipe.drain()

      const last = (messages: readonly (FromWorker | undefined)[]) =>
        new Map(
          messages.flatMap((one) =>
            one?.type === 'synced' ? one.parts.map((part) => [part.path, part.bytes]) : [],
          ) as [string, number][],
        )
      expect(last(pipe.written)).toEqual(last(steps))
      expect(pipe.outbox.waiting()).toBe(0)
    }),
  )
})

test('is flushed when the pipe has everything', async () => {
  const pipe = aSlowPipe()
  for (let i = 0; i < 5; i++) pipe.outbox.send({ type: 'log', level: 'info', cause: `${i}`, message: '' })
  let isFlushed = false
  const flushed = pipe.outbox.flushed().then(() => {
    isFlushed = true
  })
  await Promise.resolve()
  expect(isFlushed).toBe(false)

  pipe.drain()

  await flushed
  expect(pipe.written).toHaveLength(5)
})
