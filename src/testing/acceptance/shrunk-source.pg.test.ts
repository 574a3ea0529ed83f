import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadCommand } from '../../cli/load/load.ts'
import { pruneCommand } from '../../cli/load/prune.ts'
import { krakenLines } from '../a-load.ts'
import { anIo } from '../an-io.ts'
import { checkAgreement } from './agreement.ts'
import { aSmallMarket, type SmallMarket } from './small-market.ts'

async function aBuiltMarket(): Promise<SmallMarket> {
  const market = await aSmallMarket()
  await market.load('direct')
  await market.run('direct')
  return market
}

/** Runs statements on one connection and lets the statistics know of them at once. */
async function byHand({ warehouse }: SmallMarket, ...statements: readonly string[]): Promise<void> {
  await using session = await warehouse.session()
  for (const sql of [...statements, 'select pg_stat_force_next_flush()']) await session.query(sql)
}

test.each([
  [
    'delete',
    "delete from bronze.ohlcv_native where interval_start < '2024-05-01T01:00Z'",
    '0 rows in 2024-05-01T00',
  ],
  ['truncate', 'truncate bronze.ohlcv_native', '0 rows in 2024-05-01T00'],
  [
    'a restore of fewer rows',
    `create table public.kept as select * from bronze.ohlcv_native where symbol = 'BTC-USD';
    truncate bronze.ohlcv_native; insert into bronze.ohlcv_native select * from public.kept`,
    '60 rows in 2024-05-01T00, its ledger says 120',
  ],
])('%s behind the ledger is noticed by a run that has nothing to do', async (_name, sql, message) => {
  const market = await aBuiltMarket()
  expect((await market.run('direct')).lines.join('\n')).toContain('nothing to do')

  await byHand(market, sql)
  const { code, lines } = await market.run('direct')

  expect(code).toBe(1)
  expect(lines.join('\n')).toContain('KX_SOURCE_SHRUNK models/bronze/ohlcv_native.yml')
  expect(lines.join('\n')).toContain(message)
  expect((await market.run('direct')).code).toBe(1)
})

test('rows are counted once after a change that lost none, and not again', async () => {
  const market = await aBuiltMarket()
  const counted = async () =>
    (
      await market.warehouse.query<{ at: string }>(
        "select counted_at as at from kx.source where relation = 'bronze.ohlcv_native'",
      )
    ).rows[0]?.at
  await market.run('direct')
  const first = await counted()
  await market.run('direct')
  const second = await counted()

  await byHand(market, 'begin; delete from bronze.ohlcv_native; rollback', 'vacuum full bronze.ohlcv_native')
  const { code, lines } = await market.run('direct')
  const third = await counted()
  await market.run('direct')

  expect(second).toBe(first)
  expect(code, lines.join('\n')).toBe(0)
  expect(third).not.toBe(first)
  expect(await counted()).toBe(third)
})

test("kx's own ways of removing rows are none", async () => {
  const market = await aBuiltMarket()
  const { io } = anIo({ cwd: market.directory })
  market.write({ 'candles/XBTUSD_1.csv': krakenLines([0, 2, 64]) })

  const again = await loadCommand(io, [join('candles', 'XBTUSD_1.csv')], { again: true, target: 'direct' })
  await byHand(market)
  const afterAgain = await market.run('direct')
  const pruned = await pruneCommand(io, { before: '2024-05-01T01', yes: true, target: 'direct' })
  await byHand(market)
  const afterPrune = await market.run('direct')

  expect([again, afterAgain.code, pruned, afterPrune.code], afterPrune.lines.join('\n')).toEqual([0, 0, 0, 0])
  expect((await checkAgreement(market.warehouse)).filter((line) => !line.includes('kx.load'))).toEqual([])
})
