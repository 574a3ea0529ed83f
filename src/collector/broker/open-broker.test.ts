import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { type Clock, scaledClock } from '../../base/index.ts'
import type { BrokerAsk } from './broker.ts'
import type { AddressLimits } from './limits.ts'
import { openBroker } from './open-broker.ts'

const ADDRESS = 'https://api.example.com'
const limits: AddressLimits = {
  rest: { weight: 20, perMs: 60_000 },
  connect: { weight: 4, perMs: 60_000 },
}
const rest = { address: ADDRESS, kind: 'rest', weight: 1, priority: 'live' } as const
const connect = { ...rest, kind: 'connect' } as const
const said = { address: ADDRESS, kind: 'rest', retryAfterMs: undefined, usedWeight: undefined } as const

/** A clock on which a minute is half a second. */
function aFastClock(skewMs = 0): Clock {
  return scaledClock(() => ({ factor: 120, realMs: 0, atMs: 0, skewMs }))
}
/** What a disk may take to sync, ms of that clock; and at the very most. */
const SYNC_MS = 20_000
const LONG_MS = 300_000

function aStateDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kx-broker-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

async function aBroker({
  stateDirectory = aStateDirectory(),
  clock = aFastClock(),
  limitsOf = () => limits,
} = {}) {
  const broker = await openBroker({ stateDirectory, clock, limitsOf })
  onTestFinished(() => broker[Symbol.asyncDispose]())
  return {
    ...broker,
    stateDirectory,
    /** Asks, and tells when it was granted, ms of the clock. */
    async granted(ask: BrokerAsk, signal?: AbortSignal): Promise<number> {
      await broker.grant(ask, signal)
      return clock.monotonicMs()
    },
    /** Whether an ask is granted within some time, ms of the clock. */
    async isGranted(ask: BrokerAsk, withinMs = SYNC_MS): Promise<boolean> {
      const end = new AbortController()
      void clock.sleep(withinMs, end.signal).then((isOver) => isOver && end.abort())
      return await broker.grant(ask, end.signal).then(
        () => true,
        () => false,
      )
    },
  }
}

test('half of what is published is granted at once, the rest when the window has passed', async () => {
  const broker = await aBroker()

  const times = await Promise.all(Array.from({ length: 15 }, () => broker.granted(rest)))

  const first = times.slice(0, 10)
  const late = times.slice(10)
  expect(Math.min(...late) - Math.min(...first)).toBeGreaterThanOrEqual(60_000 - SYNC_MS)
  expect(Math.max(...first)).toBeLessThan(Math.min(...late))
})

test('whatever is asked, live never waits behind history, and each in its order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ isLive: fc.boolean(), weight: fc.integer({ min: 1, max: 10 }) }), {
        minLength: 2,
        maxLength: 8,
      }),
      async (asks) => {
        const broker = await aBroker({ limitsOf: () => ({ ...limits, rest: { weight: 20, perMs: 6000 } }) })
        await broker.grant({ ...rest, weight: 10 })
        const order: { isLive: boolean; index: number }[] = []

        await Promise.all(
          asks.map(async ({ isLive, weight }, index) => {
            await broker.grant({ ...rest, weight, priority: isLive ? 'live' : 'history' })
            order.push({ isLive, index })
          }),
        )

        expect(order).toEqual(
          [...order].sort((a, b) => Number(b.isLive) - Number(a.isLive) || a.index - b.index),
        )
      },
    ),
    { numRuns: 10 },
  )
})

test('connects and calls have budgets of their own, and so has each address', async () => {
  const ofAnHour = { weight: 4, perMs: 3_600_000 }
  const broker = await aBroker({ limitsOf: () => ({ rest: ofAnHour, connect: ofAnHour }) })
  for (let i = 0; i < 2; i += 1) await broker.grant(connect)

  expect(await broker.isGranted(connect)).toBe(false)
  expect(await broker.isGranted(rest, LONG_MS)).toBe(true)
  expect(await broker.isGranted({ ...connect, address: 'https://other.example.com' }, LONG_MS)).toBe(true)
})

test('429 stops calls until Retry-After and leaves connects alone', async () => {
  const broker = await aBroker()
  broker.report({ ...said, status: 429, retryAfterMs: 400_000 })

  expect(broker.held()).toMatchObject([{ address: ADDRESS, kind: 'rest' }])
  expect(await broker.isGranted(connect, LONG_MS)).toBe(true)
  expect(await broker.isGranted(rest)).toBe(false)
  expect(await broker.isGranted(rest, 800_000)).toBe(true)
})

test.each([418, 403])('HTTP %i stops all we do at the address', async (status) => {
  const broker = await aBroker()
  broker.report({ ...said, status })

  expect(await broker.isGranted(rest)).toBe(false)
  expect(await broker.isGranted(connect)).toBe(false)
})

test('an ask that is given up leaves its place to the next', async () => {
  const broker = await aBroker()
  await broker.grant({ ...rest, weight: 10 })
  const given = new AbortController()
  const refused = broker.grant({ ...rest, weight: 10 }, given.signal)
  const next = broker.grant(rest)

  given.abort(new Error('no longer wanted'))

  await expect(refused).rejects.toThrow('no longer wanted')
  await next
  await expect(broker.grant(rest, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late')
})

test('many asks that wait under one signal are no leak to warn of', async () => {
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  onTestFinished(() => void process.off('warning', note))
  const broker = await aBroker()
  const end = new AbortController()

  const asks = Array.from({ length: 40 }, () => broker.grant(rest, end.signal).catch(() => undefined))
  end.abort()
  await Promise.all(asks)
  await new Promise((resolve) => setImmediate(resolve))

  expect(warnings).toEqual([])
})

test('a process that crashes and starts again neither forgets a ban nor makes it longer', async () => {
  const stateDirectory = aStateDirectory()
  const crashed = await openBroker({ stateDirectory, clock: aFastClock(), limitsOf: () => limits })
  crashed.report({ ...said, status: 418, retryAfterMs: 600_000 })
  await crashed.grant({ ...rest, address: 'https://other.example.com' })

  const next = await aBroker({ stateDirectory })

  expect(await next.isGranted(connect)).toBe(false)
  const [held] = next.held()
  expect(held?.forMs).toBeGreaterThan(300_000)
  expect(held?.forMs).toBeLessThanOrEqual(600_000)
})

test('a crash loop spends one budget of connects', async () => {
  const stateDirectory = aStateDirectory()
  const times: number[] = []
  for (let start = 0; start < 5; start += 1) {
    const broker = await openBroker({ stateDirectory, clock: aFastClock(), limitsOf: () => limits })
    await broker.grant(connect)
    times.push(aFastClock().monotonicMs())
  }

  for (const [i, atMs] of times.entries()) {
    expect(
      times.filter((other) => other > atMs - (60_000 - SYNC_MS) && other <= atMs).length,
      `start ${i}`,
    ).toBeLessThanOrEqual(2)
  }
})

test.each([
  ['an hour ahead', 3_600_000],
  ['an hour behind', -3_600_000],
])('a clock that is %s when the next process starts does not make a ban longer', async (_, skewMs) => {
  const stateDirectory = aStateDirectory()
  const before = await openBroker({ stateDirectory, clock: aFastClock(), limitsOf: () => limits })
  before.report({ ...said, status: 418, retryAfterMs: 600_000 })
  await before[Symbol.asyncDispose]()

  const next = await aBroker({ stateDirectory, clock: aFastClock(skewMs) })
  await next.isGranted(connect)

  expect(Math.max(0, ...next.held().map(({ forMs }) => forMs))).toBeLessThanOrEqual(600_000)
})

test('a state file that cannot be read is reported, not obeyed and not fatal', async () => {
  const stateDirectory = aStateDirectory()
  writeFileSync(join(stateDirectory, 'broker.json'), '{"v":1,"addr')
  const causes: string[] = []
  const broker = await openBroker({
    stateDirectory,
    clock: aFastClock(),
    limitsOf: () => limits,
    log: (_, cause) => causes.push(cause),
  })
  await broker.grant(rest)

  expect(causes).toEqual(['broker_state'])
  expect(JSON.parse(readFileSync(join(stateDirectory, 'broker.json'), 'utf8'))).toMatchObject({ v: 1 })
})

test('a disk that takes no file stops nobody', async () => {
  const stateDirectory = aStateDirectory()
  const causes: string[] = []
  const broker = await openBroker({
    stateDirectory,
    clock: aFastClock(),
    limitsOf: () => limits,
    log: (_, cause) => causes.push(cause),
  })
  rmSync(stateDirectory, { recursive: true })
  await broker.grant(rest)

  expect(causes).toEqual(['broker_state'])
  expect(() => readdirSync(stateDirectory)).toThrow()
})

test.each([
  ['an address without budgets', { [ADDRESS]: {} }],
  ['a budget that is none', { [ADDRESS]: { rest: 1, connect: null } }],
  ['no list of what was spent', { [ADDRESS]: { rest: { held_until: null, refusals: 0 }, connect: {} } }],
  ['spends that are none', { [ADDRESS]: { rest: { held_until: null, refusals: 0, spent: [3, null] } } }],
])('a file with %s keeps nobody waiting', async (_, addresses) => {
  const stateDirectory = aStateDirectory()
  writeFileSync(join(stateDirectory, 'broker.json'), JSON.stringify({ v: 1, saved_at: 0, addresses }))
  const broker = await aBroker({ stateDirectory })

  expect(await broker.isGranted(rest)).toBe(true)
  expect(await broker.isGranted(connect)).toBe(true)
})
