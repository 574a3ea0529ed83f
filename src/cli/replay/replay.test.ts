import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { aProject } from '../../testing/a-project.ts'
import { anIo } from '../../testing/an-io.ts'
import { aKrakenFrame, FRAMES_START_MS } from '../../testing/frames.ts'
import { type ReplayCommandOptions, replayCommand } from './replay.ts'

const FRAMES = join(process.env.KX_TEST_DATA ?? resolve('../shared/data'), 'frames')
const areFramesThere = existsSync(FRAMES)
if (!areFramesThere)
  process.stderr.write(`SKIPPED: no recorded frames at ${FRAMES}; set KX_TEST_DATA to test with them\n`)

function aDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kx-replay-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

async function replay(files: readonly string[], options: ReplayCommandOptions, cwd = aDirectory()) {
  const landing = join(cwd, 'landing')
  const { io, out, err } = anIo({ cwd, logFormat: 'json' })
  const code = await replayCommand(io, files, { landing, ...options })
  const [summary] = out.map((line) => JSON.parse(line)).filter(({ type }) => type === 'replay.summary')
  return { code, summary, landing, err }
}

/** Every line that was landed, in the order of frames and rows. */
function landed(directory: string) {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.jsonl'),
  )
  return files
    .flatMap((file) => readFileSync(join(directory, file), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line))
    .sort((a, b) =>
      a.feed_id < b.feed_id ? -1 : a.feed_id > b.feed_id ? 1 : a.sequence - b.sequence || a.row - b.row,
    )
}

/** Symbol, minute, open, high, low, close, volume, trades; `!` final, `q` quiet. */
function shown({ proof, fields }: ReturnType<typeof landed>[number]): string {
  const {
    native_symbol: symbol,
    interval_start: start,
    open,
    high,
    low,
    close,
    volume,
    trade_count: trades,
  } = fields
  const mark = proof === 'silence' ? 'q' : proof === 'sent' ? '!' : ' '
  return `${symbol} ${start.slice(8, 16)}${mark} ${[open, high, low, close, volume, trades].join(' ')}`
}

describe.skipIf(!areFramesThere)('every recorded frame', () => {
  test('of Kraken is the right record, or known for what it is', async () => {
    const file = join(FRAMES, 'captured_2026-10-06_BTCUSD_ohlc.jsonl')
    const { code, summary, landing } = await replay([file], { exchange: 'kraken' })

    expect(code).toBe(0)
    expect(summary).toMatchObject({
      frames: 7,
      frames_by_kind: { status: 1, acknowledged: 1, candles: 3, heartbeat: 1, rejected: 1 },
      records: 13,
      records_by_channel: { ohlc: 13 },
      final: 2,
      quiet: 7,
      dead_letters: 0,
    })
    const quiet = (minute: string) => `BTC/USD 06T${minute}q 85690.7 85690.7 85690.7 85690.7 0 0`
    expect(landed(landing).map(shown)).toEqual([
      'BTC/USD 06T17:57  85702.8 85702.8 85697.9 85697.9 0.69367951 36',
      'BTC/USD 06T17:57! 85702.8 85702.8 85697.9 85697.9 0.69367951 36',
      'BTC/USD 06T17:58  85697.9 85697.9 85686.0 85690.7 0.08767812 40',
      'BTC/USD 06T17:58! 85697.9 85697.9 85686.0 85690.7 0.08767812 40',
      ...['17:59', '18:00', '18:01', '18:02', '18:03', '18:04', '18:05'].map(quiet),
      'BTC/USD 06T18:06  85754.8 85754.8 85754.7 85754.8 0.00126522 5',
      'BTC/USD 06T18:06  85754.8 85754.8 85754.7 85754.7 0.51707722 12',
    ])
    const frames = readFileSync(file, 'utf8')
    for (const { raw } of landed(landing)) expect(frames).toContain(raw)
  })

  test('of a single update of Kraken is one unfinished candle', async () => {
    const file = join(FRAMES, 'captured_2026-09-10_single_update.jsonl')
    const { summary, landing } = await replay([file], { exchange: 'kraken' })

    expect(summary).toMatchObject({ frames: 1, records: 1, final: 0, quiet: 0, dead_letters: 0 })
    expect(landed(landing)).toMatchObject([
      {
        channel: 'ohlc',
        proof: null,
        fields: {
          native_symbol: 'BTC/USDT',
          quote_asset: 'USDT',
          interval_start: '2026-09-10T17:35:00.000Z',
          vwap: '77482.2',
          event_at: '2026-09-10T17:35:52.114514Z',
        },
      },
    ])
  })

  test('of Binance is the right record, quiet minutes included', async () => {
    const files = ['binance_kline_frames.jsonl', 'binance_tr_kline_frames.jsonl'].map((file) =>
      join(FRAMES, file),
    )
    const { summary, landing } = await replay(files, { exchange: 'binance_us' })

    expect(summary).toMatchObject({
      files: 2,
      frames: 10,
      frames_by_kind: { candles: 10 },
      records: 10,
      records_by_channel: { kline_1m: 10 },
      final: 4,
      quiet: 0,
      dead_letters: 0,
    })
    expect(landed(landing).map(shown)).toEqual([
      'NKNUSDT 12T00:28  0.35270000 0.35280000 0.35220000 0.35280000 25877.00000000 30',
      'LRCBTC 12T00:28  0.00000638 0.00000638 0.00000638 0.00000638 177.00000000 1',
      'XEMUSDT 10T19:13! 0.04110000 0.04110000 0.04110000 0.04110000 243.00000000 1',
      'LTCBRL 10T19:13! 473.30000000 473.30000000 473.10000000 473.10000000 0.53400000 2',
      'BELBTC 10T19:13! 0.00002369 0.00002369 0.00002369 0.00002369 0.00000000 0',
      'ELFBUSD 10T19:13! 0.31170000 0.31170000 0.31170000 0.31170000 0.00000000 0',
      'LTCBRL 10T19:14  473.10000000 473.10000000 473.10000000 473.10000000 0.00000000 0',
      'BELBTC 10T19:14  0.00002369 0.00002369 0.00002369 0.00002369 0.00000000 0',
      'XEMUSDT 10T19:14  0.04110000 0.04110000 0.04110000 0.04110000 0.00000000 0',
      'ELFBUSD 10T19:14  0.31170000 0.31170000 0.31170000 0.31170000 0.00000000 0',
    ])
    const recorded = files.flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))
    expect(landed(landing).map(({ raw }) => raw)).toEqual(
      recorded.map((line) => line.slice(line.indexOf('"raw":') + '"raw":'.length, -1)),
    )
  })
})

function aRecording(frames: readonly string[]): { readonly directory: string; readonly file: string } {
  const directory = aDirectory()
  writeFileSync(join(directory, 'frames.jsonl'), `${frames.join('\n')}\n`)
  return { directory, file: 'frames.jsonl' }
}

test('a broken frame lands among dead letters, is named by its line, and the replay ends well', async () => {
  const { directory, file } = aRecording([aKrakenFrame(), '{"channel":"oh\u001b[31m'])
  const { io, out, err } = anIo({ cwd: directory })

  expect(await replayCommand(io, [file], { exchange: 'kraken', landing: 'out' })).toBe(0)
  expect(err).toEqual(['dead letter  frames.jsonl:2  not a JSON object  {"channel":"oh [31m'])
  expect(out).toEqual([
    'frames        2  kraken, 1 file',
    '  candles     1',
    '  malformed   1',
    'records       1  of 1 symbol',
    '  ohlc        1',
    'final         0  by a row of the exchange',
    'quiet         0  by its silence',
    'dead letters  1',
    `landed in 2 parts below ${join(directory, 'out')}`,
  ])
  const [letter] = landed(join(directory, 'out', 'dead-letters'))
  expect(letter).toMatchObject({ exchange: 'kraken', sequence: 1, frame: '{"channel":"oh\u001b[31m' })
})

test('without --landing nothing is written, and no project is needed', async () => {
  const { directory, file } = aRecording([aKrakenFrame()])
  const { io } = anIo({ cwd: directory })

  expect(await replayCommand(io, [file], { exchange: 'kraken' })).toBe(0)
  expect(readdirSync(directory)).toEqual(['frames.jsonl'])
})

test("the project's instruments give their symbol", async () => {
  const settings = `instruments:\n  - { exchange: kraken, native_symbol: BTC/USD, symbol: XYZ-USD, quote_asset: USD }`
  const { directory } = aProject({ 'frames.jsonl': aKrakenFrame() }, { settings })

  const { landing } = await replay(['frames.jsonl'], { exchange: 'kraken' }, directory)
  expect(readdirSync(join(landing, 'exchange=kraken'))).toEqual(['symbol=XYZ-USD'])
})

test('two replays of one file are two deliveries, each with lines of its own', async () => {
  const { directory, file } = aRecording([aKrakenFrame()])
  await replay([file], { exchange: 'kraken' }, directory)
  const { landing } = await replay([file], { exchange: 'kraken' }, directory)

  expect(new Set(landed(landing).map(({ feed_id: feed }) => feed)).size).toBe(2)
})

test.each([
  [{ exchange: 'coinbase' }, 'frames.jsonl', 'KX_EXCHANGE_UNKNOWN'],
  [{ exchange: 'kraken' }, 'nowhere.jsonl', 'KX_LOAD_NOT_FOUND'],
  [{ exchange: 'kraken' }, '.', 'KX_LOAD_NOT_FOUND'],
  [{ exchange: 'kraken', load: true }, 'frames.jsonl', 'KX_PROJECT_NOT_FOUND'],
])('%j of %s ends with %s', async (options, file, code) => {
  const { directory } = aRecording([aKrakenFrame([{}], { sentMs: FRAMES_START_MS })])

  await expect(replayCommand(anIo({ cwd: directory }).io, [file], options)).rejects.toMatchObject({ code })
})
