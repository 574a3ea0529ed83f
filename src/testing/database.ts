import { randomBytes } from 'node:crypto'
import { inject, onTestFinished } from 'vitest'
import { openWarehouse, type Target, type Warehouse } from '../warehouse/index.ts'
import { administrate, serverTarget, toDatabase } from './postgres.ts'

/**
 * A target on a database of the test's own, with the ledger of the empty prefix in place. It is dropped when
 * the test is over, and kept when the test failed.
 */
export async function aDatabase(overrides: Partial<Target> = {}): Promise<Target & AsyncDisposable> {
  const server = inject('kxTestServer')
  const name = `kx_test_${randomBytes(6).toString('hex')}`
  await administrate(server, `create database "${name}" template "${inject('kxTestTemplate')}"`)
  const drop = () => administrate(server, `drop database if exists "${name}" with (force)`)
  const target = { ...serverTarget(toDatabase(server, name)), ...overrides }
  onTestFinished(async ({ task }) => {
    if (task.result?.state !== 'fail') return drop()
    process.stderr.write(`kept database ${name} of the failed test '${task.name}'\n`)
  })
  return { ...target, [Symbol.asyncDispose]: drop }
}

/** An open warehouse on a database of the test's own, closed when the test is over. */
export async function aWarehouse({
  poolSize = 4,
  ...overrides
}: Partial<Target> & { readonly poolSize?: number } = {}): Promise<Warehouse> {
  const target = await aDatabase(overrides)
  const warehouse = await openWarehouse(target, { poolSize, applicationName: 'kx test' })
  // Hooks run last first: the warehouse is closed before its database is dropped.
  onTestFinished(() => warehouse[Symbol.asyncDispose]())
  return warehouse
}
