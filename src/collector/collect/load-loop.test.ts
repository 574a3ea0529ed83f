import { expect, onTestFinished, test, vi } from 'vitest'
import { KxError, scaledClock } from '../../base/index.ts'
import type { Warehouse } from '../../warehouse/index.ts'
import type { SyncedPart } from '../landing/landing.ts'
import type { TailResult } from '../load/tail.ts'
import { type Loader, openLoader } from './load-loop.ts'

/** A warehouse in memory that can be away. */
function aBronze() {
  const loaded = new Map<string, number>()
  const world = { isAway: false, opened: 0, closed: 0, failing: new Set<string>() }
  const away = () => new KxError('KX_WAREHOUSE_UNREACHABLE', 'the server is away')
  const load = async (parts: readonly SyncedPart[]): Promise<TailResult> => {
    if (world.isAway) throw away()
    const tailed = parts.map(({ path, bytes }) => {
      const error = new KxError('KX_LOAD_FAILED', 'torn')
      if (world.failing.has(path))
        return { path, loadedBytes: 0, problem: { kind: 'failed' as const, error } }
      loaded.set(path, bytes)
      return { path, loadedBytes: bytes, problem: undefined }
    })
    const counts = { rows: tailed.length, bytes: 0, badLines: 0 }
    return { ...counts, parts: tailed, rowsByRelation: {}, deadLetterFiles: [], unlisted: [] }
  }
  const open = async () => {
    if (world.isAway) throw away()
    world.opened += 1
    const close = async () => {
      world.closed += 1
    }
    return {
      warehouse: {} as Warehouse,
      tail: { load, [Symbol.asyncDispose]: async () => undefined },
      [Symbol.asyncDispose]: close,
    }
  }
  return { loaded, world, open }
}

function aLoader(open: ReturnType<typeof aBronze>['open'], { share = 0.1, factor = 200 } = {}) {
  const startMs = Date.now()
  const log: string[] = []
  const loader = openLoader({
    open,
    clock: scaledClock(() => ({ factor, realMs: startMs, atMs: startMs })),
    random: () => share,
    log: (_, cause) => void log.push(cause),
    onLoaded: () => undefined,
  })
  onTestFinished(() => loader[Symbol.asyncDispose]())
  return { loader, log }
}

const parts = (count: number, bytes = 10) =>
  Array.from({ length: count }, (_, i) => ({ path: `p${i}`, bytes, isSealed: true }))
const addAll = (loader: Loader, some: readonly SyncedPart[]) => some.map((part) => loader.add(part))

test('what is synced is loaded', async () => {
  const { loaded, open } = aBronze()
  const { loader } = aLoader(open)

  addAll(loader, parts(1000))

  expect(await loader.drain(5000)).toBe(true)
  expect(loaded.size).toBe(1000)
  expect(loader.backlog()).toMatchObject({ parts: 0, bytes: 0, rows: 1000, trouble: undefined })
})

test('while the warehouse is away the backlog grows and is told; when it is back everything is loaded', async () => {
  const { loaded, world, open } = aBronze()
  world.isAway = true
  const { loader, log } = aLoader(open)
  addAll(loader, parts(3))
  await vi.waitFor(() => expect(loader.backlog().trouble).toBe('the server is away'))
  expect(loader.backlog()).toMatchObject({ parts: 3, bytes: 30 })
  expect(await loader.drain(1000)).toBe(false)

  world.isAway = false

  await vi.waitFor(() => expect(loaded.size).toBe(3))
  await vi.waitFor(() => expect(loader.backlog().trouble).toBeUndefined())
  expect(log).toContain('warehouse_unreachable')
  expect(log).toContain('warehouse_back')
})

test('a warehouse that is back is tried at once when the collector stops', async () => {
  const { loaded, world, open } = aBronze()
  world.isAway = true
  const { loader } = aLoader(open, { share: 0.999, factor: 0.001 })
  addAll(loader, parts(3))
  await vi.waitFor(() => expect(loader.backlog().trouble).toBe('the server is away'))

  world.isAway = false

  expect(await loader.drain(1000)).toBe(true)
  expect(loaded.size).toBe(3)
})

test('a connection that is lost is closed and opened anew', async () => {
  const { loaded, world, open } = aBronze()
  const { loader } = aLoader(open)
  addAll(loader, parts(1))
  await loader.drain(5000)
  expect(loader.bronze()).toBeDefined()

  world.isAway = true
  loader.add({ path: 'late', bytes: 5, isSealed: true })
  await vi.waitFor(() => expect(world.closed).toBe(1))
  expect(loader.bronze()).toBeUndefined()
  world.isAway = false

  await vi.waitFor(() => expect(loaded.get('late')).toBe(5))
  expect(world.opened).toBe(2)
})

test('a part that cannot be loaded holds nobody back, and is tried again', async () => {
  const { loaded, world, open } = aBronze()
  world.failing.add('p0')
  const { loader, log } = aLoader(open)

  addAll(loader, parts(3))

  await vi.waitFor(() => expect(loaded.size).toBe(2))
  expect(loader.backlog()).toMatchObject({ parts: 1, failing: 1 })
  expect(log).toContain('part_failed')
  world.failing.clear()
  await vi.waitFor(() => expect(loaded.size).toBe(3))
  expect(loader.backlog().failing).toBe(0)
})
