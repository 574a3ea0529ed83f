import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { aDisk } from '../../testing/a-disk.ts'
import { aFastClock, linesOf } from '../../testing/a-landing.ts'
import { deadLetterLine } from '../delivery/index.ts'
import type { SyncedPart } from './landing.ts'
import { redeliver } from './redeliver.ts'
import { type ReplayedLetter, type ReplayInput, replayDeadLetters } from './replay-dead-letters.ts'

const FEED = 'c1-b1-0-kraken-0'
const CANDLE =
  '{"channel":"ohlc","type":"update","timestamp":"2024-05-01T13:00:59.9Z","data":[{"symbol":"BTC/USD","open":60123.1,' +
  '"high":60130.0,"low":60100.5,"close":60111.9,"trades":37,"volume":1.52000001,"vwap":60112.4,' +
  '"interval_begin":"2024-05-01T13:00:00.000000000Z","interval":1,"timestamp":"2024-05-01T13:01:00.000000Z"}]}'
const FOLDER = 'exchange=kraken/symbol=BTC-USD/interval_minutes=1/year=2024/month=05/day=01/hour=13'

/** Puts frames into dead letters, as sequences 0, 1, …; the mapper could read `CANDLE` all along: it was repaired. */
function letters(
  directory: string,
  frames: readonly string[],
  { channel = 'ohlc', exchange = 'kraken' } = {},
): void {
  const receivedAtMs = Date.parse('2024-05-01T13:01:00.214Z')
  const lines = frames.map((frame, sequence) => {
    const origin = { exchange, feedId: FEED, sequence, receivedAtMs, monotonicNs: 1n }
    return deadLetterLine({ origin, channel, reason: 'not understood', frame })
  })
  const file = join(directory, lines[0]?.folder ?? '', `part-c1-b1-0-${channel}.jsonl`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, lines.map(({ text }) => `${text}\n`).join(''))
}

function input(directory: string, bootId: string): ReplayInput {
  return {
    landingDirectory: directory,
    exchange: undefined,
    collectorId: 'c1',
    bootId,
    clock: aFastClock('2024-05-01T15:00:00Z'),
    signal: new AbortController().signal,
    redeliver: (letter) => redeliver(letter, []),
    onTrouble: () => undefined,
  }
}

async function replay(given: ReplayInput): Promise<{ outcomes: ReplayedLetter[]; parts: SyncedPart[] }> {
  const outcomes: ReplayedLetter[] = []
  const replaying = replayDeadLetters(given)
  for (;;) {
    const step = await replaying.next()
    if (step.done) return { outcomes, parts: step.value }
    outcomes.push(step.value)
  }
}

/** Landed lines by their identity. */
async function landed(directory: string): Promise<string[]> {
  const parts = [...(await linesOf(directory))].filter(([path]) => path.startsWith('exchange='))
  return parts.flatMap(([, lines]) =>
    lines.map((line) => {
      const { feed_id, sequence, row } = JSON.parse(line)
      return `${feed_id} ${sequence} ${row}`
    }),
  )
}

test('a frame that can be read now is landed under its own feed and sequence, once for ever', async () => {
  const { directory } = await aDisk()
  letters(directory, ['{"channel":', CANDLE, '{"channel":"heartbeat"}'])

  const first = await replay(input(directory, 'b2'))
  const second = await replay(input(directory, 'b3'))

  expect(first.outcomes.map(({ outcome, lines }) => `${outcome} ${lines}`)).toEqual([
    'dead 0',
    'replayed 1',
    'replayed 0',
  ])
  expect(first.parts).toEqual([
    { path: `${FOLDER}/part-c1-b2-0-0.jsonl`, bytes: expect.any(Number), isSealed: true },
  ])
  expect(second.outcomes.map(({ outcome }) => outcome)).toEqual(['dead', 'before', 'before'])
  expect(second.parts).toEqual([])
  const [line] = (await linesOf(directory)).get(`${FOLDER}/part-c1-b2-0-0.jsonl`) ?? []
  expect(JSON.parse(line ?? '')).toMatchObject({
    feed_id: FEED,
    sequence: 1,
    row: 0,
    received_at: '2024-05-01T13:01:00.214Z',
    proof: null,
    fields: { native_symbol: 'BTC/USD', close: '60111.9', is_final: false },
  })
})

test('a letter that lies there twice is replayed once', async () => {
  const { directory } = await aDisk()
  letters(directory, [CANDLE])
  const folder = 'dead-letters/exchange=kraken/year=2024/month=05/day=01/hour=13'
  const file = readFileSync(join(directory, folder, 'part-c1-b1-0-ohlc.jsonl'))
  writeFileSync(join(directory, folder, 'part-c1-b1-0-copy.jsonl'), file)

  await replay(input(directory, 'b2'))

  expect(await landed(directory)).toEqual([`${FEED} 0 0`])
})

test('what no mapper is for stays: answers of REST, ticks, exchanges that kx does not know', async () => {
  const { directory } = await aDisk()
  letters(directory, [CANDLE], { channel: 'rest' })
  letters(directory, [CANDLE], { exchange: 'mtgox' })

  const { outcomes } = await replay(input(directory, 'b2'))

  expect(outcomes.map(({ reason }) => reason)).toEqual([
    'of rest: only frames of ohlc are replayed',
    'kx has no mapper for mtgox',
  ])
})

test('a replay that ends before it counts leaves nothing, and the next one does it all', async () => {
  const { directory } = await aDisk()
  letters(directory, [CANDLE, CANDLE])

  for await (const _ of replayDeadLetters(input(directory, 'b2'))) break
  expect(existsSync(join(directory, '.replay/b2'))).toBe(true)
  expect(await landed(directory)).toEqual([])
  await replay(input(directory, 'b3'))

  expect((await landed(directory)).sort()).toEqual([`${FEED} 0 0`, `${FEED} 1 0`])
  expect(existsSync(join(directory, '.replay/b2'))).toBe(false)
})

test('a replay that ends after it counts, before its parts are in their places, is finished by the next one', async () => {
  const { directory } = await aDisk()
  letters(directory, [CANDLE])
  const { parts } = await replay(input(directory, 'b2'))
  const [part = { path: '' }] = parts
  mkdirSync(dirname(join(directory, '.replay/b2', part.path)), { recursive: true })
  renameSync(join(directory, part.path), join(directory, '.replay/b2', part.path))

  const again = await replay(input(directory, 'b3'))

  expect(again.parts).toEqual(parts)
  expect(again.outcomes.map(({ outcome }) => outcome)).toEqual(['before'])
  expect(await landed(directory)).toEqual([`${FEED} 0 0`])
})

test('a replay whose line in the ledger is torn does not count', async () => {
  const { directory } = await aDisk()
  letters(directory, [CANDLE])
  await replay(input(directory, 'b2'))
  const [part = ''] = [...(await linesOf(directory)).keys()].filter((path) => path.startsWith('exchange='))
  mkdirSync(dirname(join(directory, '.replay/b2', part)), { recursive: true })
  renameSync(join(directory, part), join(directory, '.replay/b2', part))
  const ledger = join(directory, '.replayed.jsonl')
  truncateSync(ledger, readFileSync(ledger).length - 3)

  await replay(input(directory, 'b3'))
  await replay(input(directory, 'b4'))

  expect(await landed(directory)).toEqual([`${FEED} 0 0`])
  expect(readFileSync(ledger, 'utf8')).toMatch(/^\{"boot":"b3".*\}\n$/)
})

test('a letter that is being written is left for the next replay', async () => {
  const { directory } = await aDisk()
  letters(directory, [CANDLE])
  const file = join(
    directory,
    'dead-letters/exchange=kraken/year=2024/month=05/day=01/hour=13/part-c1-b1-0-ohlc.jsonl',
  )
  const line = readFileSync(file, 'utf8')
  appendFileSync(file, line.replace('"sequence":0', '"sequence":1').slice(0, -20))

  expect((await replay(input(directory, 'b2'))).outcomes.length).toBe(1)
  writeFileSync(file, line + line.replace('"sequence":0', '"sequence":1'))
  expect((await replay(input(directory, 'b3'))).outcomes.map(({ outcome }) => outcome)).toEqual([
    'before',
    'replayed',
  ])
})
