import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { scaledClock } from '../../base/index.ts'
import type { FeedPlan } from '../feed/feed.ts'
import { forkWorker, type WorkerExit, type WorkerLink } from '../worker/channel.ts'
import type { FromWorker, WorkerStatus } from '../worker/protocol.ts'
import { openSupervisor } from './open-supervisor.ts'
import type { Shard } from './shards.ts'
import type { SupervisorEvent } from './supervisor.ts'

/** A worker that does what the names of its exchanges and symbols say, and nothing else. */
const script = `
let state = 'live'
process.on('message', (message) => {
  if (message.type === 'pause') state = 'paused'
  if (message.type === 'resume') state = 'live'
  if (message.type === 'start') {
    const plan = message.plan
    const has = (name) => JSON.stringify(plan.feeds).includes(name)
    process.send({ type: 'ready' })
    if (has('POISON')) return process.exit(3)
    if (has('mute')) return
    if (has('rejected')) state = 'waiting'
    const residentBytes = (has('hog') && plan.worker === 1 ? 900 : 50) * 1048576
    const feeds = () => plan.feeds.map(({ exchange }) => ({ exchange, kind: 'candles', state }))
    setInterval(() => process.send({ type: 'status', status: { feeds: feeds(), residentBytes } }), 10)
  }
  if (message.type === 'stop') process.send({ type: 'stopped' }, () => process.exit(0))
})
process.on('disconnect', () => process.exit(0))
`

const all = ['BTC', 'POISON', 'ETH', 'SOL']

/** An hour is 12 s: a worker is stable after 0.2 s. */
const FACTOR = 300

function aSupervisor(
  workers: readonly (readonly Shard[])[],
  options: { fork?: () => WorkerLink; noteProcesses?: () => void } = {},
) {
  const { fork, noteProcesses = () => undefined } = options
  const directory = mkdtempSync(join(tmpdir(), 'kx-supervise-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'worker.mjs')
  writeFileSync(file, script)
  const events: SupervisorEvent[] = []
  const recovered: number[] = []
  /** `recovered 1`, `gone 1`. */
  const ends: string[] = []
  const failed: (readonly Shard[])[] = []
  const startMs = Date.now()
  const supervisor = openSupervisor({
    clock: scaledClock(() => ({ factor: FACTOR, realMs: startMs, atMs: startMs })),
    random: () => 0.5,
    ...{ collectorId: 'c', bootId: 'b', landingDirectory: directory },
    workers: workers.map((feeds, i) => ({ worker: i + 1, feeds, score: 1 })),
    planOf: ({ exchange, kind, symbols }) =>
      ({ exchange, kind, tickSymbols: symbols ?? all }) as unknown as FeedPlan,
    symbolsOf: () => all,
    fork:
      fork ?? (() => forkWorker({ script: file, argv: ['collect-worker'], env: process.env, execArgv: [] })),
    hooks: {
      hear: () => undefined,
      async recover(worker) {
        recovered.push(worker)
        await new Promise((resolve) => setTimeout(resolve, 20))
        ends.push(`recovered ${worker}`)
      },
      gone: (worker) => void ends.push(`gone ${worker}`),
      tell(event, feeds) {
        events.push(event)
        if (event.type === 'worker_failed') failed.push(feeds)
      },
      noteProcesses,
    },
  })
  onTestFinished(() => supervisor.stop('test', 2000))
  const types = () => events.map(({ type, worker }) => `${type} ${worker}`)
  const phases = () => supervisor.workers().map(({ phase }) => phase)
  return { supervisor, events, failed, types, recovered, ends, phases }
}

/** As the script does, without a process: one that ends as soon as it gets a poisonous plan. */
function aPoisonedLink(): WorkerLink {
  let end = (_: WorkerExit) => {}
  let take = (_: FromWorker) => {}
  const exited = new Promise<WorkerExit>((resolve) => {
    end = resolve
  })
  return {
    send(message) {
      if (message.type === 'stop') end({ code: 0, signal: null, error: undefined })
      if (message.type !== 'start') return
      setImmediate(() => take({ type: 'ready' }))
      if (!JSON.stringify(message.plan.feeds).includes('POISON')) return
      setImmediate(() => end({ code: 3, signal: null, error: undefined }))
    },
    listen(listener) {
      take = listener
    },
    ...{ pid: 1, exited, closed: exited.then(() => undefined), flushed: async () => undefined },
    close: () => undefined,
    kill: () => end({ code: null, signal: 'SIGKILL', error: undefined }),
  }
}

/** A worker that is too large from the start, without a process. */
function aHog(): WorkerLink {
  const status = { feeds: [], residentBytes: 900 * 1_048_576 } as unknown as WorkerStatus
  const link = aPoisonedLink()
  let timer: NodeJS.Timeout | undefined
  onTestFinished(() => clearInterval(timer))
  return {
    ...link,
    listen(take) {
      link.listen(take)
      timer = setInterval(() => take({ type: 'status', status }), 10)
    },
  }
}

const shard = (exchange: string, symbols?: string[]): Shard => ({
  exchange,
  kind: 'candles',
  symbols,
  score: 1,
})
const soon = { timeout: 25_000, interval: 5 }

test('workers start, run, and stop when they are told', async () => {
  const { supervisor, types, phases, recovered } = aSupervisor([
    [shard('kraken', ['A'])],
    [shard('okx', ['A'])],
  ])
  await vi.waitFor(() => expect(phases()).toEqual(['running', 'running']), soon)

  await supervisor.stop('stopped', 3000)

  expect(phases()).toEqual(['stopped', 'stopped'])
  expect(types().sort()).toEqual([
    'worker_started 1',
    'worker_started 2',
    'worker_stopped 1',
    'worker_stopped 2',
  ])
  expect(recovered).toEqual([])
}, 60_000)

test('a worker that is killed is recovered and started again under another number; the other one runs on', async () => {
  const { supervisor, types, phases, recovered, ends } = aSupervisor([
    [shard('kraken', ['A'])],
    [shard('okx', ['A'])],
  ])
  await vi.waitFor(() => expect(phases()).toEqual(['running', 'running']), soon)
  const [first] = supervisor.workers()

  process.kill(first?.pid ?? 0, 'SIGKILL')

  await vi.waitFor(() => expect(supervisor.workers()[0]).toMatchObject({ worker: 3, phase: 'running' }), soon)
  expect(types()).toEqual(['worker_started 1', 'worker_started 2', 'worker_crashed 1', 'worker_started 3'])
  expect(recovered).toEqual([1])
  expect(ends).toEqual(['recovered 1', 'gone 1'])
  expect(supervisor.restarts()).toBe(1)
})

test('a symbol that brings its worker down ends up alone, and the others are collected', async () => {
  const { supervisor, failed } = aSupervisor([[shard('kraken'), shard('okx', ['USD'])]], {
    fork: aPoisonedLink,
  })

  await vi.waitFor(() => {
    const running = supervisor.workers().filter(({ phase }) => phase === 'running')
    const symbols = running.flatMap(({ feeds }) => feeds.flatMap((feed) => feed.symbols ?? []))
    expect(symbols.sort()).toEqual(['BTC', 'ETH', 'SOL', 'USD'])
  }, soon)
  await vi.waitFor(() => expect(failed).toEqual([[{ ...shard('kraken', ['POISON']), score: 0.25 }]]), soon)
}, 60_000)

test('where nothing can run, workers are not split for ever', async () => {
  const letters = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H']
  const { supervisor, events, failed } = aSupervisor([[shard('POISON', letters)]], { fork: aPoisonedLink })

  await vi.waitFor(() => expect(failed.length).toBeGreaterThanOrEqual(2), soon)

  expect(supervisor.workers()).toHaveLength(2)
  expect(events.filter(({ type }) => type === 'worker_split')).toHaveLength(1)
}, 60_000)

test('a worker that says nothing is killed and started again', async () => {
  const { types } = aSupervisor([[shard('mute', ['A'])]])

  await vi.waitFor(() => expect(types()).toContain('worker_started 2'), soon)

  expect(types()).toEqual(['worker_started 1', 'worker_killed 1', 'worker_crashed 1', 'worker_started 2'])
}, 60_000)

test('a worker that grew too large is replaced: the new one is live before the old one stops', async () => {
  const { types, supervisor, ends } = aSupervisor([[shard('hog', ['A'])]])

  await vi.waitFor(() => expect(types()).toContain('worker_stopped 1'), soon)

  expect(types()).toEqual(['worker_started 1', 'worker_started 2', 'worker_replaced 1', 'worker_stopped 1'])
  expect(supervisor.workers()).toMatchObject([{ worker: 2, phase: 'running' }])
  await vi.waitFor(() => expect(ends).toEqual(['gone 1']), soon)
}, 60_000)

test('a worker that grew too large is replaced though one of its feeds can never have data', async () => {
  const { types, supervisor } = aSupervisor([[shard('hog of rejected', ['A'])]])

  await vi.waitFor(() => expect(types()).toContain('worker_stopped 1'), { timeout: 40_000, interval: 20 })

  expect(types()).toEqual(['worker_started 1', 'worker_started 2', 'worker_replaced 1', 'worker_stopped 1'])
  expect(supervisor.workers()).toMatchObject([{ worker: 2, phase: 'running' }])
}, 60_000)

test('a full disk, on which workers cannot be noted, neither loses nor doubles one', async () => {
  const noteProcesses = () => {
    throw new Error('ENOSPC: no space left on device, write')
  }
  const { supervisor, types } = aSupervisor([[shard('kraken', ['A'])]], { noteProcesses })
  await vi.waitFor(() => expect(supervisor.workers()).toMatchObject([{ worker: 1, phase: 'running' }]), soon)

  process.kill(supervisor.workers()[0]?.pid ?? 0, 'SIGKILL')

  await vi.waitFor(() => expect(supervisor.workers()).toMatchObject([{ worker: 2, phase: 'running' }]), soon)
  expect(types()).toEqual(['worker_started 1', 'worker_crashed 1', 'worker_started 2'])
}, 60_000)

test('a successor that cannot be started leaves the worker alone that it was to replace', async () => {
  const links: WorkerLink[] = []
  const fork = () => {
    if (links.length > 0) throw new Error('EAGAIN: no more processes')
    const link = aHog()
    links.push(link)
    return link
  }
  const { supervisor, types } = aSupervisor([[shard('kraken', ['A'])]], { fork })

  await vi.waitFor(() => expect(supervisor.restarts()).toBe(1), soon)
  await new Promise((resolve) => setTimeout(resolve, 200))

  expect(supervisor.workers()).toMatchObject([{ worker: 1, phase: 'running' }])
  expect(types()).toEqual(['worker_started 1'])
}, 60_000)

test('what is paused stays paused in workers that start later', async () => {
  const { supervisor, phases } = aSupervisor([[shard('kraken', ['A'])]])
  await vi.waitFor(() => expect(phases()).toEqual(['running']), soon)

  supervisor.pause('candles', 'disk')
  process.kill(supervisor.workers()[0]?.pid ?? 0, 'SIGKILL')

  const state = () => supervisor.workers().map(({ worker, status }) => [worker, status?.feeds[0]?.state])
  await vi.waitFor(() => expect(state()).toEqual([[2, 'paused']]), soon)
  supervisor.resume('candles')
  await vi.waitFor(() => expect(state()).toEqual([[2, 'live']]), soon)
})
