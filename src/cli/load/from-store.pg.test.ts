import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { simulatedInstruments, writeLanding } from '../../collector/simulator/index.ts'
import { aProject } from '../../testing/a-project.ts'
import { anIo } from '../../testing/an-io.ts'
import { aDatabase } from '../../testing/database.ts'
import { aStore, storeCredentials } from '../../testing/store/a-store.ts'
import { openWarehouse, type Target } from '../../warehouse/index.ts'
import { loadCommand } from './load.ts'

const root = new URL('../../..', import.meta.url).pathname
const dayStartMs = Date.parse('2024-05-01T00:00:00Z')

beforeEach(() => {
  for (const [name, value] of Object.entries(storeCredentials)) vi.stubEnv(name, value)
})
afterEach(() => vi.unstubAllEnvs())

/** A bucket with a day of two instruments' parts, gzipped, and a project that knows where it is. */
async function aDayInStore() {
  const store = await aStore()
  const target = await aDatabase()
  const instruments = simulatedInstruments.map(
    ({ exchange, nativeSymbol, symbol, quoteAsset }) =>
      `  - { exchange: ${exchange}, native_symbol: ${nativeSymbol}, symbol: ${symbol}, quote_asset: ${quoteAsset} }`,
  )
  const s3 = `collect:\n  s3: { bucket: market, endpoint: '${store.settings.endpoint}' }`
  const contracts = readdirSync(join(root, 'models/bronze')).map((name) => [
    `models/bronze/${name}`,
    readFileSync(join(root, 'models/bronze', name), 'utf8'),
  ])
  const project = aProject(Object.fromEntries(contracts), {
    targets: { test: target },
    settings: ['instruments:', ...instruments, s3].join('\n'),
  })
  const { first } = await writeLanding(join(project.directory, 'landing'), { seed: 3, dayStartMs })
  for (const file of readdirSync(first.directory, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.jsonl') || !file.includes('symbol=BTC-USD')) continue
    const body = gzipSync(readFileSync(join(first.directory, file)))
    store.objects.set(`prod/${relative('.', file)}.gz`, { body, headers: {} })
  }
  return { store, target, project }
}

async function load(cwd: string, path: string, options = {}) {
  const { io, err, out } = anIo({ cwd })
  const code = await loadCommand(io, [path], options)
  return { code, text: [...err, ...out].join('\n') }
}

async function countRows(target: Target) {
  await using warehouse = await openWarehouse(target, { poolSize: 1, applicationName: 'test', env: {} })
  await using session = await warehouse.session()
  const { rows } = await session.query<{ rows: string; hours: string; keys: string }>(
    `select
        count(*) as rows,
        count(distinct date_trunc('hour', interval_start)) as hours,
        count(distinct (feed_id, sequence, row)) as keys
    from bronze.ohlcv_native`,
  )
  return { rows: Number(rows[0]?.rows), hours: Number(rows[0]?.hours), keys: Number(rows[0]?.keys) }
}

test('bronze is rebuilt from a bucket alone, hour by hour or whole, and nothing is loaded twice', async () => {
  const { store, target, project } = await aDayInStore()
  await using _ = store

  expect(await load(project.directory, 's3://market/prod', { partition: '2024-05-01T13' })).toMatchObject({
    code: 0,
  })
  const hour = await countRows(target)
  expect(hour.hours).toBe(1)
  expect((await load(project.directory, 's3://market/prod')).code).toBe(0)
  const day = await countRows(target)
  expect(day.hours).toBe(24)
  expect(day.keys).toBe(day.rows)
  expect((await load(project.directory, 's3://market/prod/')).code).toBe(0)
  expect(await countRows(target)).toEqual(day)
  // The files that it was made from are the same files to the ledger.
  expect((await load(project.directory, 'landing/first/exchange=kraken/symbol=BTC-USD')).code).toBe(0)
  expect(await countRows(target)).toEqual(day)
})

test('a bucket that is away, refuses or holds nothing is said so with its code', async () => {
  const { store, project } = await aDayInStore()
  await using _ = store

  await expect(load(project.directory, 's3://market/prod', { partition: '2023' })).rejects.toMatchObject({
    code: 'KX_LOAD_NOT_FOUND',
  })
  await expect(load(project.directory, 'landing', { partition: '2024-05-01' })).rejects.toMatchObject({
    code: 'KX_USAGE',
  })
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody')
  await expect(load(project.directory, 's3://market/prod')).rejects.toMatchObject({
    code: 'KX_STORE_REFUSED',
  })
  await store.goAway()
  await expect(load(project.directory, 's3://market/prod')).rejects.toMatchObject({
    code: 'KX_STORE_UNREACHABLE',
  })
})
