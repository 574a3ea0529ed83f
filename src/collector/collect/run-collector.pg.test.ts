import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type ACollector, aCollector } from '../../testing/a-collector.ts'
import { aStore, storeCredentials } from '../../testing/store/a-store.ts'
import type { CollectStatus } from '../status/status.ts'

/** Identity of every candle line in the landing, as bronze has it. */
async function landedCandles({ landed }: ACollector): Promise<string[]> {
  const { paths } = await landed()
  return paths
    .filter((path) => path.includes('/interval_minutes=1/'))
    .flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as { feed_id: string; sequence: number; row: number })
    .map(({ feed_id, sequence, row }) => `${feed_id} ${sequence} ${row}`)
    .sort()
}

async function loadedCandles({ rows }: ACollector): Promise<string[]> {
  return (await rows('select feed_id, sequence, row from bronze.ohlcv_native')).sort()
}

const isLive = ({ exchanges }: CollectStatus) => exchanges.every(({ state }) => state === 'live')
const isRunning = ({ workers }: CollectStatus) => workers.every(({ phase }) => phase === 'running')

test('what exchanges send is in bronze once, whatever happens to a worker, and all is sealed at the end', async () => {
  const collector = await aCollector()
  const before = await collector.until((status) => isLive(status) && (status.load?.rows ?? 0) > 50)

  process.kill(before.workers[0]?.pid ?? 0, 'SIGKILL')
  await collector.until((status) => status.workerRestarts === 1 && isRunning(status) && isLive(status))
  await collector.stop()

  expect(collector.events.at(-1)).toEqual({ type: 'stopped', unloadedBytes: 0, unuploadedBytes: 0 })
  expect((await collector.landed()).areSealed).toBe(true)
  const landed = await landedCandles(collector)
  expect(new Set(landed).size).toBe(landed.length)
  expect(await loadedCandles(collector)).toEqual(landed)
  expect(
    await collector.rows(
      `select event, count(distinct exchange) from bronze.connection_events where cause = 'collector'
       and event in ('collector_started', 'collector_stopped', 'worker_crashed') group by event order by event`,
    ),
  ).toEqual(['collector_started 2', 'collector_stopped 2', 'worker_crashed 1'])
}, 90_000)

test('without a warehouse it collects all the same, says so, and loads everything when it is back', async () => {
  const collector = await aCollector({ isAway: true })
  const away = await collector.until((status) => isLive(status) && (status.load?.bytes ?? 0) > 20_000)
  expect(away.degraded).toContain('warehouse: away')

  collector.world.isAway = false

  await collector.until(({ load }) => load?.trouble === undefined && (load?.rows ?? 0) > 0)
  await collector.stop()
  expect(await loadedCandles(collector)).toEqual(await landedCandles(collector))
}, 90_000)

test('a store that refuses is told at the start, and candles come nevertheless; once it lets kx in all is sent', async () => {
  await using store = await aStore()
  for (const [name, value] of Object.entries(storeCredentials)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  store.lock('SignatureDoesNotMatch')
  const collector = await aCollector({ store: store.settings })

  const refused = await collector.until((status) => isLive(status) && (status.load?.rows ?? 0) > 0)
  expect(refused.degraded).toContain('store: s3://market: 403 SignatureDoesNotMatch')
  expect(collector.events).toContainEqual(expect.objectContaining({ type: 'log', cause: 'store_refused' }))
  store.unlock()
  await collector.until(({ degraded }) => !degraded.some((part) => part.startsWith('store: ')))
  await collector.stop()

  expect(collector.events.at(-1)).toMatchObject({ type: 'stopped', unuploadedBytes: 0 })
  expect(store.objects.size).toBeGreaterThan(0)
}, 90_000)
