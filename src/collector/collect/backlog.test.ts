import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBacklog } from './backlog.ts'

const part = (path: string, bytes: number, isSealed = false) => ({ path, bytes, isSealed })

test('a part that grows while it is loaded waits on with the rest', () => {
  const backlog = createBacklog(10)
  backlog.add(part('a', 100), 0)
  expect(backlog.next(5, 0)).toEqual([part('a', 100)])
  backlog.add(part('a', 150), 1)

  backlog.done('a', 100, 2)

  expect(backlog.bytes()).toBe(50)
  expect(backlog.next(5, 2)).toEqual([part('a', 150)])
  backlog.done('a', 150, 3)
  expect(backlog.size()).toBe(0)
})

test('what is loaded of a growing part is not counted again when it grows', () => {
  const backlog = createBacklog(10)
  backlog.add(part('a', 100), 0)
  backlog.done('a', 100, 0)

  backlog.add(part('a', 130), 5)

  expect(backlog.bytes()).toBe(30)
  expect(backlog.ageMs(9)).toBe(4)
})

test('a part that is sealed without growing has nothing left to load', () => {
  const backlog = createBacklog(10)
  backlog.add(part('a', 100), 0)
  backlog.done('a', 100, 0)

  expect(backlog.add(part('a', 100, true), 1)).toBe(true)

  expect(backlog.size()).toBe(0)
})

test('sealed parts find no room when it is full; parts that are still written always do', () => {
  const backlog = createBacklog(2)
  backlog.add(part('a', 1, true), 0)
  backlog.add(part('b', 1, true), 0)

  expect(backlog.add(part('c', 1, true), 0)).toBe(false)
  expect(backlog.add(part('d', 1), 0)).toBe(true)
  expect(backlog.hasRoom()).toBe(false)
})

test('what is still written does not wait behind a long backlog', () => {
  const backlog = createBacklog(1000)
  for (let i = 0; i < 500; i += 1) backlog.add(part(`old-${i}`, 1, true), 0)
  for (let i = 0; i < 5; i += 1) backlog.add(part(`live-${i}`, 1), 1)

  const names = backlog.next(8, 1).map(({ path }) => path)

  expect(names.join(' ')).toBe('live-0 live-1 live-2 live-3 old-0 old-1 old-2 old-3')
})

test('what is put off is not due before its time, and keeps its age', () => {
  const backlog = createBacklog(10)
  backlog.add(part('a', 1), 0)
  backlog.add(part('b', 1), 5)
  backlog.later('a', 100)

  expect(backlog.next(5, 50)).toEqual([part('b', 1)])
  expect(backlog.next(5, 100)).toEqual([part('a', 1), part('b', 1)])
  expect(backlog.ageMs(100)).toBe(100)
})

test('whatever order parts grow and are loaded in, everything synced is handed out in the end', () => {
  const growth = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 9 }), fc.boolean())
  fc.assert(
    fc.property(fc.array(growth, { maxLength: 40 }), (steps) => {
      const backlog = createBacklog(100)
      const synced = new Map<string, number>()
      const loaded = new Map<string, number>()
      const load = () => {
        for (const { path, bytes } of backlog.next(2, 0)) {
          expect(bytes).toBeGreaterThan(loaded.get(path) ?? 0)
          loaded.set(path, bytes)
          backlog.done(path, bytes, 0)
        }
      }
      for (const [path, grown, loads] of steps) {
        synced.set(path, (synced.get(path) ?? 0) + grown)
        backlog.add(part(path, synced.get(path) ?? 0), 0)
        if (loads) load()
      }
      while (backlog.size() > 0) load()

      expect(loaded).toEqual(synced)
    }),
  )
})
