import { join } from 'node:path'
import { expect, test } from 'vitest'
import { takeLock } from '../../collector/control/lock.ts'
import { deadLetterLine } from '../../collector/delivery/index.ts'
import type { SyncedPart } from '../../collector/landing/index.ts'
import { aProject } from '../../testing/a-project.ts'
import { anIo } from '../../testing/an-io.ts'
import { listDeadLettersCommand } from './list.ts'
import { replayDeadLettersCommand } from './replay.ts'

const CANDLE =
  '{"channel":"ohlc","type":"update","timestamp":"2024-05-01T13:00:59.9Z","data":[{"symbol":"BTC/USD","open":60123.1,' +
  '"high":60130.0,"low":60100.5,"close":60111.9,"trades":37,"volume":1.52000001,"vwap":60112.4,' +
  '"interval_begin":"2024-05-01T13:00:00.000000000Z","interval":1,"timestamp":"2024-05-01T13:01:00.000000Z"}]}'

/** A project whose landing has a frame that can be read now, two that cannot, and bad lines of a loaded file. */
function project(): string {
  const letter = (sequence: number, reason: string, frame: string) =>
    deadLetterLine({
      origin: {
        exchange: 'kraken',
        feedId: 'c1-b1-0-kraken-0',
        sequence,
        receivedAtMs: Date.parse('2024-05-01T13:01:00Z') + sequence * 60_000,
        monotonicNs: 1n,
      },
      channel: 'ohlc',
      reason,
      frame,
    })
  const lines = [
    letter(0, 'no open', CANDLE),
    letter(1, 'not JSON', '{"channel":\u2028"ohlc\u001b[31m'),
    letter(2, 'not JSON', '{"channel'),
  ]
  const text = lines.map((line) => `${line.text}\n`).join('')
  const bad = { file: 'archive/a.csv', line: 7, reason: 'no number', text: '1,2,x' }
  return aProject({
    [`.kx/landing/${lines[0]?.folder}/part-c1-b1-0-0.jsonl`]: text,
    '.kx/dead-letters/archive/a.csv.jsonl': `${JSON.stringify(bad)}\n${JSON.stringify({ ...bad, line: 9 })}\n{"torn`,
  }).directory
}

async function run(command: typeof listDeadLettersCommand, cwd: string, options = {}): Promise<string[]> {
  const { io, out } = anIo({ cwd })
  expect(await command(io, options)).toBe(0)
  return out
}

test('the list counts letters by exchange or file and reason, and shows the newest of each', async () => {
  expect(await run(listDeadLettersCommand, project())).toEqual([
    'of             letters  replayed  first                     last                      reason',
    'kraken               1         0  2024-05-01T13:01:00.000Z  2024-05-01T13:01:00.000Z  no open',
    `  ${CANDLE.slice(0, 97)}…`,
    'kraken               2         0  2024-05-01T13:02:00.000Z  2024-05-01T13:03:00.000Z  not JSON',
    '  {"channel',
    'archive/a.csv        2         0  line 7                    line 9                    no number',
    '  1,2,x',
    '5 dead letters',
  ])
})

test('a machine gets the list as one object a group', async () => {
  const { io, out } = anIo({ cwd: project(), logFormat: 'json' })

  await listDeadLettersCommand(io, { exchange: 'kraken' })

  expect(out.map((line) => JSON.parse(line)).map(({ reason, letters }) => `${letters} ${reason}`)).toEqual([
    '1 no open',
    '2 not JSON',
  ])
})

test('an example cannot colour the terminal nor break its line', async () => {
  const { directory } = aProject({
    '.kx/dead-letters/a.jsonl': `${JSON.stringify({ file: 'a', line: 1, reason: 'bad', text: 'a\u001b[31m\u2028b\nc' })}\n`,
  })

  expect((await run(listDeadLettersCommand, directory))[2]).toBe('  a [31m b c')
})

test('where nothing went wrong there is nothing to list and nothing to replay', async () => {
  const { directory } = aProject({})

  expect(await run(listDeadLettersCommand, directory)).toEqual(['no dead letters'])
  expect(await run(replayDeadLettersCommand, directory)).toEqual([
    '0 letters replayed, 0 lines landed; 0 still dead, 0 replayed before',
  ])
})

test('a replay says what it did, and the list knows of it', async () => {
  const cwd = project()

  const said = await run(replayDeadLettersCommand, cwd)

  expect(said[0]).toMatch(/^still dead {2}2 letters {2}kraken: /)
  expect(said.slice(1)).toEqual([
    '1 letter replayed, 1 line landed; 2 still dead, 0 replayed before',
    'kx collect loads them when it starts next; kx load of the landing does it now',
  ])
  expect((await run(listDeadLettersCommand, cwd))[1]).toMatch(/kraken +1 +1 .*no open/)
  expect((await run(replayDeadLettersCommand, cwd))[1]).toBe(
    '0 letters replayed, 0 lines landed; 2 still dead, 1 replayed before',
  )
})

test('a collector that runs is handed the new parts', async () => {
  const cwd = project()
  const handed: SyncedPart[] = []
  await using lock = await takeLock(join(cwd, '.kx/collect'), { command: 'collect', nowMs: 0 })
  lock.serve(async function* (request) {
    if (request.type === 'parts') handed.push(...request.parts)
    yield* []
  })

  const said = await run(replayDeadLettersCommand, cwd)

  expect(said.at(-1)).toBe('1 letter replayed, 1 line landed; 2 still dead, 0 replayed before')
  expect(handed.map(({ path }) => path.split('/').slice(0, 2).join('/'))).toEqual([
    'exchange=kraken/symbol=BTC-USD',
  ])
})

test('two replays at once are one: the second names the first', async () => {
  const cwd = project()
  await using _lock = await takeLock(join(cwd, '.kx/collect/replay'), {
    command: 'dead-letters replay',
    nowMs: 0,
  })

  await expect(run(replayDeadLettersCommand, cwd)).rejects.toMatchObject({
    code: 'KX_COLLECT_BUSY',
    message: expect.stringContaining(`kx dead-letters replay (pid ${process.pid}`),
  })
})
