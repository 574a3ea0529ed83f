import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { anEmbeddedTarget } from '../../testing/an-embedded-target.ts'
import { aDatabase, aWarehouse } from '../../testing/database.ts'
import { openWarehouse, type Target } from '../../warehouse/index.ts'
import {
  dropWarehouse,
  exportTables,
  printWarehouseUrl,
  showWarehouse,
  startWarehouse,
  stopWarehouse,
} from './actions.ts'

/** What a command said, and its exit code. */
async function said(command: (io: { stdout: typeof String; stderr: typeof String }) => Promise<number>) {
  const words = { stdout: '', stderr: '' }
  const io = {
    stdout: (text: string) => (words.stdout += text),
    stderr: (text: string) => (words.stderr += text),
  }
  const code = await command(io as never)
  return { code, ...words }
}

const opening = (target: Target) => openWarehouse(target, { poolSize: 1, applicationName: 'kx test' })

test('start, status, url and stop tell of one server', async () => {
  const target = await anEmbeddedTarget()

  const started = await said((io) => startWarehouse(target, io))
  const url = await said((io) => printWarehouseUrl(target, io))
  const status = await said((io) => showWarehouse(target, io))
  const stopped = await said((io) => stopWarehouse(target, io))
  const after = await said((io) => showWarehouse(target, io))

  expect(url).toMatchObject({ code: 0, stdout: started.stdout, stderr: '' })
  expect(status.stdout).toMatch(/^state {5}running, process \d+$/m)
  expect(status.stdout).toContain(`where     ${target.projectDirectory}/.kx/warehouse\n`)
  expect(status.stdout).toContain('pinned    yes, until kx warehouse stop\n')
  expect(stopped).toEqual({ code: 0, stdout: '', stderr: 'The server has stopped.\n' })
  expect(after.stdout).toContain('state     stopped\n')
  expect(after.stdout).toContain('pinned    no\n')
})

test('status of a server says where it is, never the password', async () => {
  const target = await aDatabase()

  const { code, stdout } = await said((io) => showWarehouse(target, io, { PGPASSWORD: 's3cret' }))
  const asked = await said((io) => showWarehouse(target, { ...io, logFormat: 'json' }))

  expect(code).toBe(0)
  expect(JSON.parse(asked.stdout)).toMatchObject({
    ...{ type: 'warehouse', engine: 'server', version: expect.stringMatching(/^1\d/) },
    ...{ size_bytes: expect.any(Number), clients: expect.any(Array) },
  })
  expect(stdout).toMatch(/^version {3}PostgreSQL 1\d/m)
  expect(stdout).not.toContain('s3cret')
})

test('drop needs --yes, and waits for others to leave', async () => {
  const target = await anEmbeddedTarget()
  const { projectDirectory } = target
  const directory = join(projectDirectory, '.kx', 'warehouse')
  const dropping = (isConfirmed: boolean) => said((io) => dropWarehouse(target, io, { isConfirmed }))

  await expect(dropping(false)).rejects.toMatchObject({ code: 'KX_CONFIRM', hint: 'Say --yes to go on.' })
  {
    await using _ = await opening(target)
    await expect(dropping(true)).rejects.toMatchObject({
      code: 'KX_WAREHOUSE_BUSY',
      message: expect.stringMatching(/^others are connected: kx test \(\d+\)$/),
    })
  }
  expect(await dropping(true)).toMatchObject({ code: 0, stderr: `Removed ${directory}.\n` })
  expect(existsSync(directory)).toBe(false)
  expect(await dropping(true)).toMatchObject({ code: 0, stderr: `There is no warehouse in ${directory}.\n` })
})

test('an export holds every table of kx as one moment saw it, and its manifest', async () => {
  const warehouse = await aWarehouse()
  await warehouse.query(
    `create schema bronze;
    create table bronze.trades (traded_at timestamptz not null, symbol text, price float8);
    insert into bronze.trades values ('2024-05-01 13:00Z', 'BTC-USD', 0.1), ('2024-05-01 14:00Z', '', null);
    create schema elsewhere;
    create table elsewhere.private (n int)`,
  )
  const parent = mkdtempSync('/tmp/kx-export-')
  const directory = join(parent, 'export')
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }))

  const { code, stdout } = await said((io) => exportTables(warehouse.target, io, { directory }))

  expect({ code, stdout }).toEqual({ code: 0, stdout: `${directory}\n` })
  const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'))
  const tables = manifest.tables.map(
    (table: { schema: string; name: string }) => `${table.schema}.${table.name}`,
  )
  expect(tables).toEqual(expect.arrayContaining(['bronze.trades', 'kx.partition']))
  expect(tables).not.toContain('elsewhere.private')
  expect(gunzipSync(readFileSync(join(directory, 'bronze.trades.csv.gz'))).toString()).toBe(
    [
      'traded_at,symbol,price',
      '"2024-05-01 13:00:00+00","BTC-USD","0.1"',
      '"2024-05-01 14:00:00+00","",',
      '',
    ].join('\n'),
  )
  await expect(said((io) => exportTables(warehouse.target, io, { directory }))).rejects.toMatchObject({
    code: 'KX_USAGE',
  })
})

test('a server is not started, stopped or dropped', async () => {
  const target = await aDatabase()

  for (const command of [startWarehouse, stopWarehouse]) {
    await expect(said((io) => command(target, io))).rejects.toMatchObject({ code: 'KX_USAGE' })
  }
  await expect(said((io) => dropWarehouse(target, io, { isConfirmed: true }))).rejects.toMatchObject({
    code: 'KX_USAGE',
  })
})
