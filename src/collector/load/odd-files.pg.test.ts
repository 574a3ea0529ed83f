import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { aLoadBench, eventsOf, krakenLines, landingLine, summaryOf } from '../../testing/a-load.ts'

const MINUTES = `select (extract(epoch from interval_start) / 60)::bigint % 1440 || coalesce(left(proof, 2), '') from bronze.ohlcv_native order by interval_start, landing_line`
const COUNT = 'select count(*) from bronze.ohlcv_native'
const LANDING =
  'exchange=kraken/symbol=BTC-USD/interval_minutes=1/year=2024/month=05/day=01/hour=00/part-c-b-1-0.jsonl'

describe('a bad line', () => {
  const lines = `${krakenLines([1])}oops,1\n${krakenLines([4, 6])}`

  test('goes to dead letters, drops no neighbour, and leaves its gap unknown', async () => {
    const bench = await aLoadBench()
    bench.write('XBTUSD_1.csv', lines)

    const summary = summaryOf(await bench.load())
    const again = summaryOf(await bench.load())

    expect(await bench.rows(MINUTES)).toEqual(['1se', '4se', '5si', '6se'])
    expect(summary).toMatchObject({ rows: 4, badLines: 1, quietRows: 1 })
    expect(again).toMatchObject({ rows: 0, badLines: 0 })
    const letters = readFileSync(join(bench.directory, '.kx/dead-letters/XBTUSD_1.csv.jsonl'), 'utf8')
      .trim()
      .split('\n')
    expect(letters.map((line) => JSON.parse(line))).toEqual([
      { file: 'XBTUSD_1.csv', line: 2, reason: "2 columns where Kraken's archive has 7", text: 'oops,1' },
    ])
  })

  test('is written once, though its load was interrupted and done again', async () => {
    const bench = await aLoadBench()
    bench.write('XBTUSD_1.csv', lines)
    bench.write(
      '.kx/dead-letters/XBTUSD_1.csv.jsonl',
      '{"file":"XBTUSD_1.csv","line":2,"reason":"r","text":"oops,1"}\n{"li',
    )

    await bench.load()

    expect(
      readFileSync(join(bench.directory, '.kx/dead-letters/XBTUSD_1.csv.jsonl'), 'utf8').split('\n'),
    ).toHaveLength(2)
  })

  test('longer than memory should hold is one bad line', async () => {
    const bench = await aLoadBench()
    bench.write('XBTUSD_1.csv', `${krakenLines([1])}${'x'.repeat(3_000_000)}\n${krakenLines([2])}`)

    expect(summaryOf(await bench.load())).toMatchObject({ rows: 2, badLines: 1 })
  })

  test('as long as that is told once, though there is no other', async () => {
    const bench = await aLoadBench()
    bench.write(LANDING, `{${'x'.repeat(3_000_000)}\n`)

    const summaries = [summaryOf(await bench.load()), summaryOf(await bench.load())]

    expect(summaries).toMatchObject([{ badLines: 1 }, { badLines: 0, duplicateFiles: 1 }])
  })
})

describe('odd files', () => {
  test('CRLF, a byte order mark and blank lines are no trouble', async () => {
    const bench = await aLoadBench()
    bench.write('XBTUSD_1.csv', `\ufeff${krakenLines([1, 2]).replaceAll('\n', '\r\n')}\r\n`)

    expect(summaryOf(await bench.load())).toMatchObject({ rows: 2, badLines: 0 })
  })

  test('what is no candle file is skipped in a folder, and an error when named', async () => {
    const bench = await aLoadBench()
    const readme = bench.write('README.txt', 'hello\nworld\n')
    bench.write('empty.csv', '')
    bench.write('deep/er/XBTUSD_1.csv', krakenLines([1]))

    const inFolder = summaryOf(await bench.load())
    const [named] = eventsOf(await bench.load({ paths: [readme] }), 'file-failed')

    expect(inFolder).toMatchObject({ files: 1, rows: 1, skippedFiles: 2, failedFiles: 0 })
    expect(named).toMatchObject({ error: { code: 'KX_LOAD_FORMAT' } })
  })

  test('a torn gzip gives what it has, and goes on when it is whole', async () => {
    const bench = await aLoadBench()
    const packed = gzipSync(Array.from({ length: 600 }, (_, minute) => landingLine(minute)).join(''))
    bench.write(`${LANDING}.gz`, packed.subarray(0, packed.length / 2))

    const torn = await bench.load()
    bench.write(`${LANDING}.gz`, packed)
    await bench.load()

    expect(eventsOf(torn, 'file-failed')).toMatchObject([{ error: { code: 'KX_LOAD_FAILED' } }])
    expect(await bench.rows(COUNT)).toEqual(['600'])
    expect(await bench.rows('select count(distinct landing_line) from bronze.ohlcv_native')).toEqual(['600'])
  })

  test('a path that names nothing is an error', async () => {
    const bench = await aLoadBench()

    await expect(bench.load({ paths: ['nowhere.csv'] })).rejects.toMatchObject({ code: 'KX_LOAD_NOT_FOUND' })
    await expect(bench.load({ paths: ['*.zip'] })).rejects.toMatchObject({ code: 'KX_LOAD_NOT_FOUND' })
  })

  test('a glob names several', async () => {
    const bench = await aLoadBench()
    bench.write('XBTUSD_1.csv', krakenLines([1]))
    bench.write('XBTUSDC_1.csv', krakenLines([1]))
    bench.write('ignored_1.txt', krakenLines([1]))

    expect(summaryOf(await bench.load({ paths: ['*.csv'] }))).toMatchObject({ files: 2 })
  })
})

describe('instruments', () => {
  test('an unlisted one is accepted, registered as not expected, and reported', async () => {
    const bench = await aLoadBench()
    bench.write('XDGEUR_1.csv', krakenLines([1, 2]))

    const summary = summaryOf(await bench.load())
    bench.write('XDGEUR_1.csv', krakenLines([1, 2, 3]))
    await bench.load()

    expect(summary.unlisted).toMatchObject([
      { nativeSymbol: 'XDGEUR', symbol: 'DOGE-EUR', quoteAsset: 'EUR' },
    ])
    expect(
      await bench.rows(
        `select exchange, native_symbol, symbol, quote_asset, is_expected from bronze.instrument where not is_expected`,
      ),
    ).toEqual(['kraken XDGEUR DOGE-EUR EUR f'])
    expect(await bench.rows(`select distinct symbol from bronze.ohlcv_native`)).toEqual(['DOGE-EUR'])
  })

  test('a multiplier scales prices down and volumes up, and leaves the quote volume', async () => {
    const bench = await aLoadBench()
    bench.write('1000REKTUSDT-1m-2024-05-01.csv', '1714521600000,2,4,2,4,10,1714521659999,30,5,1,1,0\n')

    await bench.load()

    expect(
      await bench.rows('select symbol, open, high, volume, quote_volume, vwap from bronze.ohlcv_native'),
    ).toEqual(['REKT-USD 0.002 0.004 10000 30 0.003'])
  })

  test('a generic CSV proves silence only with --complete', async () => {
    const bench = await aLoadBench()
    const csv = 'open_time_ms,open,high,low,close,volume\n1714521600000,1,2,1,2,3\n1714521720000,1,2,1,2,3\n'
    const who = { exchange: 'coinbase', symbol: 'BTC-USD', quote: 'USD' }
    bench.write('x.csv', csv)

    const loose = summaryOf(await bench.load(who))
    const complete = summaryOf(await bench.load({ ...who, isComplete: true, isAgain: true }))

    expect([loose.rows, complete.rows]).toEqual([2, 3])
    expect(
      await bench.rows(
        'select trade_count, quote_volume, vwap from bronze.ohlcv_native order by interval_start',
      ),
    ).toEqual(['null null null', '0 0 null', 'null null null'])
    expect(existsSync(join(bench.directory, '.kx'))).toBe(false)
  })
})
