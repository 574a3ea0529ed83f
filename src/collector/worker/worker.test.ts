import { expect, test, vi } from 'vitest'
import { aFeedExchange } from '../../testing/a-feed-exchange.ts'
import { type AWorker, aWorker, FAILING_WORKER } from '../../testing/a-worker.ts'

vi.setConfig({ testTimeout: 60_000 })

async function aRunningWorker(
  script?: string,
): Promise<AWorker & { exchange: Awaited<ReturnType<typeof aFeedExchange>> }> {
  const exchange = await aFeedExchange({
    speaks: 'kraken',
    symbols: { 'BTC/USD': 'delivers' },
    now: Date.now,
  })
  const worker = aWorker(exchange, script)
  worker.start()
  await worker.until('candles are synced', () => candlePath(worker) !== undefined)
  return { ...worker, exchange }
}

function candlePath(worker: AWorker): string | undefined {
  return [...worker.synced().keys()].find((path) => path.startsWith('exchange=kraken/symbol=BTC-USD/'))
}

const isUnfinished = (text: string) => text !== '' && !text.endsWith('\n')

test('lands what an exchange sends, says what is synced and how it is, and seals everything when it is told to stop', async () => {
  const worker = await aRunningWorker()
  await worker.until('a status', () =>
    worker.said.some(
      (one) => one.type === 'status' && one.status.feeds[0]?.state === 'live' && one.status.syncedBytes > 0,
    ),
  )

  const told = Date.now()
  worker.link.send({ type: 'stop', cause: 'collector' })
  const { code } = await worker.link.exited

  expect(code).toBe(0)
  expect(Date.now() - told).toBeLessThan(5_000)
  expect(worker.said.at(-1)).toEqual({ type: 'stopped' })
  const parts = await worker.parts()
  expect([...worker.synced().keys()].sort()).toEqual([...parts.keys()].sort())
  for (const [path, text] of parts) {
    expect(worker.synced().get(path)).toMatchObject({ bytes: Buffer.byteLength(text), isSealed: true })
    expect(path).toMatch(/part-c1-b1-3-\d+\.jsonl$/)
  }
  const text = [...parts.values()].join('')
  expect(text).toContain('"feed_id":"c1-b1-3-kraken-0"')
  expect(text).toContain('"event":"disconnected"')
  expect(text).toContain('"up_from"')
})

test('stops by itself when its supervisor is gone', async () => {
  const worker = await aRunningWorker()

  worker.link.close()
  const { code } = await worker.link.exited

  expect(code).toBe(0)
  const parts = await worker.parts()
  expect([...parts.values()].filter(isUnfinished)).toEqual([])
  expect([...parts.values()].join('')).toContain('"event":"disconnected"')
})

test('stops when its supervisor is gone before it was told anything', async () => {
  const exchange = await aFeedExchange({ speaks: 'kraken', symbols: {}, now: Date.now })
  const worker = aWorker(exchange)
  await worker.until('ready', () => worker.said.length > 0)

  worker.link.close()

  expect(await worker.link.exited).toMatchObject({ code: 0 })
})

test('goes on when a terminal or a service manager signals the whole group', async () => {
  const worker = await aRunningWorker()
  const before = worker.synced().get(candlePath(worker) ?? '')?.bytes ?? 0

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGTERM'] as const) process.kill(worker.link.pid ?? 0, signal)

  await worker.until('more is synced', () =>
    [...worker.synced().values()].some(({ bytes }) => bytes > before + 5_000),
  )
})

test('everything it said is synced is there after kill -9, line by line', async () => {
  const worker = await aRunningWorker()

  worker.link.kill()
  const { signal } = await worker.link.exited

  expect(signal).toBe('SIGKILL')
  const parts = await worker.parts()
  for (const { path, bytes } of worker.synced().values()) {
    const synced = Buffer.from(parts.get(path) ?? '').subarray(0, bytes)
    expect(synced.length).toBe(bytes)
    expect(isUnfinished(synced.toString())).toBe(false)
  }
})

test('does not connect before the broker grants it', async () => {
  const exchange = await aFeedExchange({
    speaks: 'kraken',
    symbols: { 'BTC/USD': 'delivers' },
    now: Date.now,
  })
  const worker = aWorker(exchange)
  worker.world.grants = false

  worker.start()
  await worker.until('it asks', () => worker.said.some(({ type }) => type === 'ask'))
  await worker.until('a while', () => worker.said.filter(({ type }) => type === 'status').length > 2)

  expect(exchange.handshakes()).toBe(0)
})

test('pauses and resumes the feeds it is told to', async () => {
  const worker = await aRunningWorker()
  const stateOf = () => worker.said.findLast((one) => one.type === 'status')?.status.feeds[0]?.state

  worker.link.send({ type: 'pause', kind: 'ticks', cause: 'disk_full' })
  worker.link.send({ type: 'pause', kind: 'candles', cause: 'disk_full' })
  await worker.until('paused', () => stateOf() === 'paused')
  expect(worker.exchange.sockets).toHaveLength(0)
  worker.link.send({ type: 'resume', kind: 'candles' })

  await worker.until('live again', () => stateOf() === 'live')
})

test('an error that nobody caught is said, what was taken is landed, and the worker ends to be started again', async () => {
  const worker = await aRunningWorker(FAILING_WORKER)

  process.kill(worker.link.pid ?? 0, 'SIGUSR2')
  const { code } = await worker.link.exited

  expect(code).toBe(1)
  const said = worker.said.find((one) => one.type === 'log' && one.cause === 'worker_failed')
  expect(said).toMatchObject({ level: 'error', message: expect.stringContaining('nobody caught this') })
  for (const [path, text] of await worker.parts()) {
    expect(worker.synced().get(path)).toMatchObject({ bytes: Buffer.byteLength(text), isSealed: true })
  }
})
