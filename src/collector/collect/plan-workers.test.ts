import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { anInstrument } from '../../testing/source-tables.ts'
import type { FeedPlan } from '../feed/feed.ts'
import { createMeter } from '../supervise/meter.ts'
import { planFile, planWorkers, writePlan } from './plan-workers.ts'

const settings = { wsUrl: undefined, restUrl: undefined, hasCandles: true, ticks: undefined }
const aFeed = (exchange: string): FeedPlan => ({
  ...{ exchange, kind: 'candles', tickSymbols: undefined, settings: { exchange, ...settings } },
  instruments: [anInstrument({ exchange, nativeSymbol: 'BTC/USD' })],
})
const feeds = [aFeed('kraken'), aFeed('okx'), aFeed('bybit')]

function aPlanning() {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'kx-plan-'))
  onTestFinished(() => rmSync(stateDirectory, { recursive: true, force: true }))
  return { stateDirectory, feeds, workers: 2, cores: 2, planInput: undefined }
}

const shown = (workers: Awaited<ReturnType<typeof planWorkers>>) =>
  workers.map((worker) => worker.feeds.map(({ exchange }) => exchange).join(' '))

test('the plan that ran is measured, and the next one goes by that', async () => {
  const planning = aPlanning()
  const first = await planWorkers(planning)
  const meter = createMeter()
  const status = (bytes: number) => ({ exchange: 'okx', kind: 'candles', bytes, reconnectsByCause: {} })
  for (const minute of [0, 1, 2]) meter.add(1, [status(minute * 6_000_000) as never], minute * 60_000)

  const created = '2024-05-01T00:00:00.000Z'
  await writePlan(planning.stateDirectory, { created, workers: first, feeds, meter })

  expect(shown(first)).toEqual(['kraken bybit', 'okx'])
  expect(shown(await planWorkers(planning))).toEqual(['okx', 'kraken bybit'])
})

test('a plan that is given is taken as it is', async () => {
  const planning = aPlanning()
  const one = await planWorkers({ ...planning, workers: 1 })
  await writePlan(planning.stateDirectory, { created: 'x', workers: one, feeds, meter: createMeter() })
  const planInput = planFile(planning.stateDirectory)

  expect(shown(await planWorkers({ ...planning, planInput }))).toEqual(['kraken okx bybit'])
  await expect(planWorkers({ ...planning, feeds: feeds.slice(1), planInput })).rejects.toMatchObject({
    code: 'KX_COLLECT_PLAN',
    message: `${planInput}: candles of kraken are not collected by this project`,
  })
})

test('a plan file that is not there is an error, a torn one of our own is not', async () => {
  const planning = aPlanning()
  writeFileSync(planFile(planning.stateDirectory), '{"created": "2024')

  expect(await planWorkers(planning)).toHaveLength(2)
  const stateDirectory = planFile(planning.stateDirectory)
  expect(await planWorkers({ ...planning, stateDirectory })).toHaveLength(2)
  await expect(planWorkers({ ...planning, planInput: '/nowhere/plan.json' })).rejects.toMatchObject({
    code: 'KX_COLLECT_PLAN',
  })
})
