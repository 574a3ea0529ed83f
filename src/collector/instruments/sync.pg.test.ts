import { expect, test } from 'vitest'
import { aLoadBench, krakenLines, loadInstruments } from '../../testing/a-load.ts'
import { anInstrument, instrumentTable } from '../../testing/source-tables.ts'
import { syncInstruments } from './sync.ts'

const RANGES = 'select valid_from, valid_to, note from kx.source_range order by version'
const doge = anInstrument({
  nativeSymbol: 'DOGE/EUR',
  symbol: 'DOGE-EUR',
  quoteAsset: 'EUR',
  aliases: ['XDGEUR'],
})

test('the same list again changes nothing', async () => {
  const { warehouse, rows } = await aLoadBench()
  const before = await rows(RANGES)

  const changes = await syncInstruments(warehouse, instrumentTable, [...loadInstruments].reverse())

  expect(changes).toEqual({ added: [], removed: [] })
  expect(await rows(RANGES)).toEqual(before)
  expect(await rows('select count(*) from bronze.instrument')).toEqual([String(loadInstruments.length)])
})

test('only the time in which the expected set changed moves', async () => {
  const { warehouse, rows } = await aLoadBench()
  const before = (await rows(RANGES)).length
  const listed = { ...doge, listedFromMs: Date.UTC(2024, 4, 1), listedToMs: Date.UTC(2024, 5, 1) }

  const added = await syncInstruments(warehouse, instrumentTable, [...loadInstruments, listed])
  const removed = await syncInstruments(warehouse, instrumentTable, loadInstruments)

  expect([added.added, removed.removed]).toEqual([['kraken DOGE/EUR'], ['kraken DOGE/EUR']])
  expect((await rows(RANGES)).slice(before)).toEqual([
    '2024-05-01 00:00:00+00 2024-06-01 00:00:00+00 kraken DOGE/EUR is listed',
    '2024-05-01 00:00:00+00 2024-06-01 00:00:00+00 kraken DOGE/EUR is no longer listed so',
  ])
})

test('an instrument that files brought becomes an expected one when it is listed', async () => {
  const bench = await aLoadBench()
  bench.write('DOGEEUR_1.csv', krakenLines([1]))
  await bench.load()

  await syncInstruments(bench.warehouse, instrumentTable, [
    ...loadInstruments,
    { ...doge, nativeSymbol: 'DOGEEUR' },
  ])

  expect(
    await bench.rows(`select native_symbol, is_expected from bronze.instrument where symbol = 'DOGE-EUR'`),
  ).toEqual(['DOGEEUR t'])
})
