import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadInstruments } from '../../testing/a-load.ts'
import { aRepairBench, NOON_MS, type RepairBench, tradedInstruments } from '../../testing/a-repair.ts'
import { candleTable } from '../../testing/source-tables.ts'
import { openBroker } from '../broker/open-broker.ts'
import type { FeedPlan } from '../feed/feed.ts'
import { openTail } from '../load/tail.ts'
import type { BackfillEvent } from '../repair/backfill.ts'
import { answerBackfill } from './answer-backfill.ts'
import { brokerLimits } from './broker-limits.ts'
import { openLoader } from './load-loop.ts'
import { openOwnLanding } from './own-landing.ts'
import type { RepairSources } from './repair-context.ts'

const HOUR_MS = 3_600_000
const request = { type: 'backfill', fromMs: NOON_MS - HOUR_MS, toMs: NOON_MS } as const

/** What a running collector has of landing, loader and broker. */
async function aCollector(bench: RepairBench, { hasLoader = true } = {}): Promise<RepairSources> {
  const { clock, warehouse, market } = bench
  const landingDirectory = join(bench.directory, 'landing')
  const stateDirectory = join(bench.directory, 'state')
  const settings = { wsUrl: undefined, restUrl: market.url, hasCandles: true, ticks: undefined }
  const feeds = ['kraken', 'binance_us'].map((exchange): FeedPlan => {
    const instruments = tradedInstruments(loadInstruments).filter((one) => one.exchange === exchange)
    return {
      exchange,
      kind: 'candles',
      instruments,
      tickSymbols: undefined,
      settings: { exchange, ...settings },
    }
  })
  const open = async () => {
    const tables = [candleTable]
    const tail = openTail({
      warehouse,
      tables,
      instruments: loadInstruments,
      landingDirectory,
      stateDirectory,
      clock,
    })
    return { warehouse, tail, [Symbol.asyncDispose]: () => tail[Symbol.asyncDispose]() }
  }
  const bronze = { target: warehouse.target, open }
  const log = () => undefined
  const loader = openLoader({ open, clock, random: () => 0.5, log, onLoaded: () => undefined })
  onTestFinished(() => loader[Symbol.asyncDispose]())
  const broker = await openBroker({ stateDirectory, clock, limitsOf: brokerLimits(feeds) })
  onTestFinished(() => broker[Symbol.asyncDispose]())
  const landing = openOwnLanding({
    ...{ directory: landingDirectory, collectorId: 'c', bootId: 'b', clock, log },
    onSynced: (parts) => {
      for (const part of parts) loader.add(part)
    },
  })
  onTestFinished(() => landing[Symbol.asyncDispose]())
  return {
    input: { clock, bronze, feeds },
    base: { broker, readers: { loader: hasLoader ? loader : undefined } },
    collector: { landing },
  }
}

async function answersOf(
  sources: RepairSources,
  asked: Parameters<ReturnType<typeof answerBackfill>>[0] = request,
): Promise<BackfillEvent[]> {
  const events: BackfillEvent[] = []
  const { signal } = new AbortController()
  for await (const event of answerBackfill(sources)(asked, signal)) events.push(event)
  return events
}

test('a running collector fills what is missing through its own landing and loader', async () => {
  const bench = await aRepairBench()
  const collector = await aCollector(bench)

  const first = await answersOf(collector)
  const second = await answersOf(collector, { ...request, exchanges: ['kraken'], symbols: 'BTC/USD' })

  expect(first.at(-1)).toMatchObject({
    type: 'summary',
    instruments: [
      { nativeSymbol: 'BTC/USD', landed: 60, open: 0 },
      { nativeSymbol: 'BTCUSDT', landed: 60, open: 0 },
    ],
  })
  expect(second.at(-1)).toMatchObject({ instruments: [{ nativeSymbol: 'BTC/USD', asked: 0, open: 0 }] })
  expect(await bench.finals()).toEqual(['binance_us BTCUSDT 60 final rest', 'kraken BTC/USD 60 final rest'])
})

test('a collector that loads nothing, or not this symbol, says so', async () => {
  const bench = await aRepairBench()

  await expect(answersOf(await aCollector(bench, { hasLoader: false }))).rejects.toMatchObject({
    code: 'KX_USAGE',
  })
  await expect(answersOf(await aCollector(bench), { ...request, symbols: 'DOGE%' })).rejects.toMatchObject({
    code: 'KX_USAGE',
  })
})
