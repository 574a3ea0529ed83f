import { expect, test } from 'vitest'
import { aFakeServer } from '../../testing/fake-server.ts'
import { serverTarget } from '../../testing/postgres.ts'
import { openWarehouse } from '../open.ts'

const opening = async (port: number, more = {}) =>
  openWarehouse(
    serverTarget({ host: '127.0.0.1', port: String(port), user: 'anna', dbname: 'market', ...more }),
    {
      poolSize: 2,
      applicationName: 'kx test',
      env: {},
    },
  )

test.each([
  ['hands out the last returned session', { mode: 'transaction' }],
  ['goes round its sessions', { mode: 'round robin' }],
  ['refuses settings at the start', { mode: 'transaction', refusesOptions: true }],
] as const)('a transaction pooler that %s is refused', async (_, server) => {
  const port = await aFakeServer(server)

  await expect(opening(port)).rejects.toMatchObject({
    code: 'KX_WAREHOUSE_POOLED',
    message: expect.stringContaining(`127.0.0.1:${port}`),
  })
})

test.each([
  ['a server', { mode: 'direct' }],
  ['a pooler that keeps a session for each connection', { mode: 'session' }],
  ['such a pooler that refuses settings at the start', { mode: 'session', refusesOptions: true }],
] as const)('%s is taken', async (_, server) => {
  await using warehouse = await opening(await aFakeServer(server))
  await using one = await warehouse.session()
  await using two = await warehouse.session()

  expect(warehouse.serverMajor).toBe(15)
  expect([one.processId, two.processId].every((id) => id > 5000 && id < 6000)).toBe(true)
})

test('PostgreSQL 14 is refused, and the error says what to use', async () => {
  const port = await aFakeServer({ versionNumber: 140_011 })

  await expect(opening(port)).rejects.toMatchObject({
    code: 'KX_WAREHOUSE_VERSION',
    message: `127.0.0.1:${port} is PostgreSQL 14`,
    hint: 'Use PostgreSQL 15 or newer.',
  })
})

test('a server that accepts and says nothing is given up after connect_timeout', async () => {
  const port = await aFakeServer({ mode: 'silent' })

  await expect(opening(port, { connect_timeout: '1' })).rejects.toMatchObject({
    code: 'KX_WAREHOUSE_UNREACHABLE',
    message: expect.stringContaining('no answer within 1 s'),
  })
})
