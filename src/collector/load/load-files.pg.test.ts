import { appendFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { aLoadBench, eventsOf, krakenLines, landingLine, summaryOf } from '../../testing/a-load.ts'

const MINUTES = `select (extract(epoch from interval_start) / 60)::bigint % 1440 || coalesce(left(proof, 2), '') from bronze.ohlcv_native order by interval_start, landing_line`
const COUNT = 'select count(*) from bronze.ohlcv_native'
const LANDING =
  'exchange=kraken/symbol=BTC-USD/interval_minutes=1/year=2024/month=05/day=01/hour=00/part-c-b-1-0.jsonl'

describe('a file loaded twice loads nothing twice', () => {
  test('as it was', async () => {
    const bench = await aLoadBench()
    bench.write('XBTUSD_1.csv', krakenLines([1, 2, 5]))

    const first = summaryOf(await bench.load())
    const versions = await bench.rows('select * from kx.source_partition')
    const second = summaryOf(await bench.load())

    expect(first).toMatchObject({ files: 1, rows: 5, quietRows: 2 })
    expect(second).toMatchObject({ files: 0, rows: 0, duplicateRows: 5, duplicateFiles: 1 })
    expect(await bench.rows(MINUTES)).toEqual(['1se', '2se', '3si', '4si', '5se'])
    expect(await bench.rows('select * from kx.source_partition')).toEqual(versions)
  })

  test('renamed, copied and gzipped, in one go too', async () => {
    const bench = await aLoadBench()
    bench.write('a/XBTUSD_1.csv', krakenLines([1, 2, 5]))
    bench.write('b/XBTUSD_1.csv', krakenLines([1, 2, 5]))
    const events = [await bench.load()]
    bench.write('c/XBTUSD_1.csv.gz', gzipSync(krakenLines([1, 2, 5])))
    renameSync(join(bench.directory, 'a/XBTUSD_1.csv'), join(bench.directory, 'BTCUSD_1.csv'))
    events.push(await bench.load())

    expect(events.map(summaryOf)).toMatchObject([
      { rows: 5, duplicateFiles: 1 },
      { rows: 0, duplicateFiles: 3 },
    ])
  })

  test('copied, with so much between the copies that it is committed before', async () => {
    const bench = await aLoadBench()
    const many = krakenLines(Array.from({ length: 10_000 }, (_, i) => i))
    bench.write('a/XBTUSD_1.csv', krakenLines([1, 2, 5]))
    bench.write('b/USDCUSD_1.csv', many)
    bench.write('c/XBTUSD_1.csv', krakenLines([1, 2, 5]))
    bench.write('d/USDCUSD_1.csv', many)

    const summary = summaryOf(await bench.load({ chunkRows: 100 }))

    expect(summary).toMatchObject({ files: 2, rows: 10_005, duplicateFiles: 2 })
    expect(await bench.rows(COUNT)).toEqual(['10005'])
  })

  test('copied, and all replaced in one go', async () => {
    const bench = await aLoadBench()
    bench.write('a/XBTUSD_1.csv', krakenLines([1, 2, 5]))
    bench.write('b/XBTUSD_1.csv', krakenLines([1, 2, 5]))

    await bench.load({ isAgain: true })

    expect(await bench.rows(COUNT)).toEqual(['5'])
  })

  test('beside another one of its name and another first line', async () => {
    const bench = await aLoadBench()
    bench.write('XBTUSD_1.csv', krakenLines([1, 2]))
    bench.write('XBTUSD_1.csv.gz', gzipSync(krakenLines([3])))
    bench.write('XBTUSDC_1.csv', krakenLines([1]))

    const summary = summaryOf(await bench.load())

    expect(summary).toMatchObject({ files: 2, rows: 3, failedFiles: 1 })
  })

  test('beside one that begins alike and is as long', async () => {
    const bench = await aLoadBench()
    bench.write('a/XBTUSD_1.csv', krakenLines([1, 2]))
    bench.write('b/XBTUSD_1.csv', krakenLines([1, 3]))
    await bench.load()

    const summary = summaryOf(await bench.load())

    expect(summary).toMatchObject({ rows: 0, duplicateFiles: 2, failedFiles: 0 })
  })

  test('but equal content of another instrument is another file', async () => {
    const bench = await aLoadBench()
    bench.write('XBTUSD_1.csv', krakenLines([1, 2]))
    bench.write('XBTUSDC_1.csv', krakenLines([1, 2]))

    expect(summaryOf(await bench.load())).toMatchObject({ files: 2, rows: 4 })
  })

  test('by two kx at once', async () => {
    const bench = await aLoadBench()
    for (const name of ['XBTUSD', 'XBTUSDC', 'USDCUSD', 'USDTUSD']) {
      bench.write(`${name}_1.csv`, krakenLines(Array.from({ length: 600 }, (_, i) => i)))
    }

    const summaries = (
      await Promise.all([bench.load({ chunkRows: 100 }), bench.load({ chunkRows: 100 })])
    ).map(summaryOf)

    expect(summaries.reduce((rows, summary) => rows + summary.rows, 0)).toBe(2400)
    expect(await bench.rows(COUNT)).toEqual(['2400'])
  })
})

describe('a file that grew is read on from where it ended', () => {
  test('the silence between the old end and the new lines is proven too', async () => {
    const bench = await aLoadBench()
    const path = bench.write('XBTUSD_1.csv', krakenLines([1, 2]))
    await bench.load()
    appendFileSync(path, krakenLines([5]))

    const events = await bench.load()

    expect(summaryOf(events)).toMatchObject({ rows: 3, quietRows: 2, duplicateRows: 2 })
    expect(await bench.rows(MINUTES)).toEqual(['1se', '2se', '3si', '4si', '5se'])
    expect(
      await bench.rows('select from_byte, to_byte, from_line, to_line, rows from kx.load order by load_id'),
    ).toEqual(['0 48 1 3 2', '48 72 3 4 3'])
  })

  test('an archive whose last line had no end yet goes on behind it', async () => {
    const bench = await aLoadBench()
    const path = bench.write('XBTUSD_1.csv', krakenLines([1, 2]).trimEnd())
    await bench.load()
    appendFileSync(path, `\n${krakenLines([3])}`)

    await bench.load()

    expect(await bench.rows(MINUTES)).toEqual(['1se', '2se', '3se'])
  })

  test('a landing part keeps its unfinished line for the next time', async () => {
    const bench = await aLoadBench()
    const [whole, torn] = [landingLine(1), landingLine(2)]
    const path = bench.write(LANDING, whole + torn.slice(0, 40))

    const [event] = eventsOf(await bench.load(), 'file-loaded')
    appendFileSync(path, torn.slice(40))
    await bench.load()

    expect(event).toMatchObject({ rows: 1, leftBytes: 40, landingFile: LANDING, badLines: 0 })
    expect(await bench.rows(MINUTES)).toEqual(['1se', '2se'])
    expect(
      await bench.rows('select received_at, sequence, landing_line from bronze.ohlcv_native order by 3'),
    ).toEqual(['2024-05-01 00:02:01+00 1 1', '2024-05-01 00:03:01+00 2 2'])
  })
})

describe('a file whose old content changed', () => {
  test('is refused, with the way out', async () => {
    const bench = await aLoadBench()
    const path = bench.write('XBTUSD_1.csv', krakenLines([1, 2, 3]))
    await bench.load()
    bench.write('XBTUSD_1.csv', krakenLines([1, 2]) + krakenLines([4]))

    const [failed] = eventsOf(await bench.load(), 'file-failed')

    expect(failed).toMatchObject({
      file: path,
      error: { code: 'KX_LOAD_CHANGED', hint: expect.stringContaining('--again') },
    })
    expect(await bench.rows(MINUTES)).toEqual(['1se', '2se', '3se'])
  })

  test('is replaced with --again, and every hour it touched moves', async () => {
    const bench = await aLoadBench()
    bench.write('XBTUSD_1.csv', krakenLines([1, 61, 62]))
    await bench.load({ chunkRows: 1 })
    const before = await bench.rows('select version from kx.source_partition order by hour')
    bench.write('XBTUSD_1.csv', krakenLines([61, 63]))

    await bench.load({ isAgain: true })

    expect(await bench.rows(MINUTES)).toEqual(['61se', '62si', '63se'])
    expect(await bench.rows('select rows from kx.source_partition order by hour')).toEqual(['0', '3'])
    const after = await bench.rows('select version from kx.source_partition order by hour')
    expect(after.filter((version, i) => version === before[i])).toEqual([])
    expect(summaryOf(await bench.load())).toMatchObject({ rows: 0, duplicateFiles: 1 })
  })
})
