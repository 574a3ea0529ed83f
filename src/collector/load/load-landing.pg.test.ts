import { readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aFeedLanding } from '../../testing/a-feed-landing.ts'
import { aLoadBench, eventsOf, loadInstruments, summaryOf } from '../../testing/a-load.ts'
import { candleTable } from '../../testing/source-tables.ts'
import { loadFiles } from './load-files.ts'

const channels = ['btc', 'btcUsdc', 'ticks', 'events', 'uptime'] as const
const COUNTS = `select (select count(*) from bronze.ohlcv_native), (select count(*) from bronze.market_ticks),
    (select count(*) from bronze.connection_events), (select count(*) from bronze.feed_uptime)`

test('the folder of a landing is loaded with all its channels, each line once', async () => {
  const bench = await aLoadBench()
  const landing = aFeedLanding(join(bench.directory, 'landing'))
  for (const channel of channels) landing.append(channel, 25, 30)

  const first = summaryOf(await bench.load({ chunkRows: 20 }))
  const again = summaryOf(await bench.load())

  expect(first).toMatchObject({
    rows: 125,
    badLines: 0,
    rowsByRelation: {
      'bronze.ohlcv_native': 50,
      'bronze.market_ticks': 25,
      'bronze.connection_events': 25,
      'bronze.feed_uptime': 25,
    },
  })
  expect(again).toMatchObject({ rows: 0, duplicateRows: 125 })
  expect(await bench.rows(COUNTS)).toEqual(['50 25 25 25'])
  expect(
    await bench.rows('select relation, sum(rows) from kx.source_partition group by 1 order by 1'),
  ).toEqual([
    'bronze.connection_events 25',
    'bronze.feed_uptime 25',
    'bronze.market_ticks 25',
    'bronze.ohlcv_native 50',
  ])
})

test('a part of ticks is replaced with --again', async () => {
  const bench = await aLoadBench()
  const landing = aFeedLanding(join(bench.directory, 'landing'))
  landing.append('ticks', 4)
  await bench.load()
  const [part] = landing.parts()
  const text = readFileSync(join(landing.directory, part?.path ?? ''), 'utf8')
  bench.write(`landing/${part?.path}`, text.split('\n').slice(1).join('\n'))

  await bench.load({ isAgain: true })

  expect(await bench.rows('select sequence, landing_line from bronze.market_ticks order by 1')).toEqual([
    '1 1',
    '2 2',
    '3 3',
  ])
  expect(await bench.rows('select rows from kx.source_partition')).toEqual(['3'])
})

test('dead letters are never data, and other channels are left out with a word', async () => {
  const bench = await aLoadBench()
  const landing = aFeedLanding(join(bench.directory, 'landing'))
  landing.append('ticks', 1)
  const [part] = landing.parts()
  const text = readFileSync(join(landing.directory, part?.path ?? ''))
  const letter = bench.write('landing/dead-letters/exchange=kraken/hour=13/p.jsonl', text)
  bench.write('landing/exchange=kraken/channel=book/p.jsonl', text)

  const inFolder = await bench.load()
  const [named] = eventsOf(await bench.load({ paths: [letter] }), 'file-failed')

  expect(summaryOf(inFolder)).toMatchObject({ rows: 1, skippedFiles: 1 })
  expect(eventsOf(inFolder, 'file-skipped')).toMatchObject([
    { reason: 'channel book is not one that kx loads' },
  ])
  expect(named).toMatchObject({
    error: { code: 'KX_LOAD_FORMAT', message: `${letter}: dead letters are no data` },
  })
})

test('a channel without a table in the project is left out with a word', async () => {
  const bench = await aLoadBench()
  const landing = aFeedLanding(join(bench.directory, 'landing'))
  landing.append('btc', 1)
  landing.append('ticks', 1)

  const events = await bench.load({ tables: [candleTable] })

  expect(eventsOf(events, 'file-skipped')).toMatchObject([
    { reason: 'the project declares no bronze.market_ticks' },
  ])
  expect(summaryOf(events).rows).toBe(1)
})

test('a part that is still written is loaded up to its last whole line, an old one too', async () => {
  const bench = await aLoadBench()
  const landing = aFeedLanding(join(bench.directory, 'landing'))
  landing.append('btc', 2, 50)
  const [part] = landing.parts()
  const file = join(landing.directory, part?.path ?? '')

  const [young] = eventsOf(await bench.load({ nowMs: Date.now() }), 'file-loaded')
  landing.append('btc', 1, 50)
  utimesSync(file, 0, 0)
  const [old] = eventsOf(await bench.load({ nowMs: Date.now() }), 'file-loaded')

  expect([young, old]).toMatchObject([
    { rows: 2, leftBytes: 50 },
    { rows: 1, leftBytes: 50 },
  ])
})

test('a part that the collector loads further while kx load looks at it is not taken for changed', async () => {
  const bench = await aLoadBench()
  const landing = aFeedLanding(join(bench.directory, 'landing'))
  landing.append('btc', 2)
  bench.write('a.zip', 'PK, and no archive')
  const options = {
    directory: bench.directory,
    stateDirectory: join(bench.directory, '.kx'),
    nowMs: Date.now(),
  }
  const { warehouse, directory } = bench
  const events = []

  for await (const event of loadFiles({
    ...{ warehouse, options, tables: [candleTable], instruments: loadInstruments, paths: [directory] },
  })) {
    events.push(event)
    // The archive is said before any part is locked, and after all of them were read.
    if (event.type !== 'file-failed' || !event.file.endsWith('a.zip')) continue
    landing.append('btc', 1)
    await bench.load({ paths: [landing.directory] })
  }

  expect(eventsOf(events, 'file-failed').map(({ file }) => file)).toEqual([join(directory, 'a.zip')])
  expect(summaryOf(events)).toMatchObject({ rows: 0, duplicateRows: 3, duplicateFiles: 1 })
})
