import { describe, expect, test } from 'vitest'
import { aBinanceFrame, aKrakenFrame, FRAMES_START_MS } from '../../testing/frames.ts'
import { mapperOf } from '../exchange/index.ts'
import { recordedFrame } from './recorded-frame.ts'
import { type ReplayedFrame, replayRecording } from './replay-recording.ts'
import { tallyCounter } from './replay-tally.ts'

async function replayed(exchange: string, recording: readonly string[]): Promise<ReplayedFrame[]> {
  const mapper = mapperOf(exchange)
  if (mapper === undefined) throw new Error(exchange)
  async function* lines() {
    yield* recording
  }
  const options = { mapper, instruments: [], feedId: 'replay-b-0-x-0', nowMs: FRAMES_START_MS }
  const frames: ReplayedFrame[] = []
  for await (const frame of replayRecording(lines(), options)) frames.push(frame)
  return frames
}

/** What each frame gave: minutes, `!` final, `q` quiet. */
function shown(frames: readonly ReplayedFrame[]): string[] {
  return frames.map(({ lines }) =>
    lines
      .map(({ text }) => {
        const { proof, fields } = JSON.parse(text)
        const minute = (Date.parse(fields.interval_start) - FRAMES_START_MS) / 60_000
        return `${minute}${proof === 'silence' ? 'q' : proof === 'sent' ? '!' : ''}`
      })
      .join(' '),
  )
}

const at = (seconds: number, frame: string) => `{"recv_s":${FRAMES_START_MS / 1000 + seconds},"raw":${frame}}`

describe('a line of a recording', () => {
  test.each([
    ['a bare frame', '{"channel":"heartbeat"}', '{"channel":"heartbeat"}', undefined],
    ['what is no JSON', '{"channel', '{"channel', undefined],
    [
      'a frame as itself, digits and blanks kept',
      '{"recv_s": 1633998523.95725, "raw": {"v" : 270638277.50461281} }',
      '{"v" : 270638277.50461281}',
      1633998523957.25,
    ],
    ['a frame as text', '{"raw":"{\\"a\\":1.0}","recv_s":1633998523}', '{"a":1.0}', 1633998523000],
    ['a frame without a time', '{"raw":[1,2]}', '[1,2]', undefined],
    ['a time that is none', '{"recv_s":"1633998523","raw":{}}', '{}', undefined],
  ])('is %s', (_, line, frame, receivedAtMs) => {
    expect(recordedFrame(line)).toEqual({ frame, receivedAtMs })
  })
})

describe('a recording', () => {
  test('is one connection: a later row closes the one before, silence between them is quiet', async () => {
    const frames = [aKrakenFrame([{ minute: 1 }], { type: 'snapshot' }), '', aKrakenFrame([{ minute: 3 }])]

    const replay = await replayed('kraken', frames)
    expect(shown(replay)).toEqual(['1', '1! 2q 3'])
    expect(replay.map(({ line }) => line)).toEqual([1, 3])
    expect(replay.map(({ lines }) => JSON.parse(lines[0]?.text ?? '').sequence)).toEqual([0, 1])
  })

  test.each([
    ['the exchange greets anew', '{"channel":"status","type":"update","data":[{"system":"online"}]}'],
    ['a frame cannot be read', '{"channel":"ohlc","data":['],
  ])('closes nothing across a place where %s', async (_, frame) => {
    const replay = await replayed('kraken', [
      aKrakenFrame([{ minute: 1 }]),
      frame,
      aKrakenFrame([{ minute: 3 }]),
      aKrakenFrame([{ minute: 4 }]),
    ])

    expect(shown(replay.filter(({ parsed }) => parsed.kind === 'candles'))).toEqual(['1', '3', '3! 4'])
  })

  test('closes nothing across silence for which a feed would have hung up', async () => {
    const heartbeat = '{"channel":"heartbeat"}'
    const recording = (gapS: number) => [
      at(60, aKrakenFrame([{ minute: 1 }])),
      at(61, heartbeat),
      at(61 + gapS, aKrakenFrame([{ minute: 2 }])),
    ]

    expect(shown(await replayed('kraken', recording(60)))).toEqual(['1', '', '2'])
    expect(shown(await replayed('kraken', recording(9)))).toEqual(['1', '', '1! 2'])
  })

  test('keeps the times at which its frames came in, to the µs', async () => {
    const [first] = await replayed('binance_us', [`{"recv_s":1633998523.957297,"raw":${aBinanceFrame()}}`])

    const line = JSON.parse(first?.lines[0]?.text ?? '')
    expect(line.received_at).toMatch(/^2021-10-12T00:28:43\.95729[67]Z$/)
    expect(line.raw).toBe(aBinanceFrame())
  })

  test('is counted by kind, channel and symbol', async () => {
    const counter = tallyCounter()
    const recording = [
      aKrakenFrame([{ minute: 1 }, { minute: 2, symbol: 'ETH/USD' }], { type: 'snapshot' }),
      '{"channel":"heartbeat"}',
      aKrakenFrame([{ minute: 3 }]),
      'broken',
    ]
    for (const frame of await replayed('kraken', recording)) counter.add(frame)

    expect(counter.tally()).toEqual({
      frames: 4,
      frames_by_kind: { candles: 2, heartbeat: 1, malformed: 1 },
      records: 5,
      records_by_channel: { ohlc: 5 },
      records_by_symbol: { 'BTC/USD': 4, 'ETH/USD': 1 },
      final: 1,
      quiet: 1,
      dead_letters: 1,
    })
  })
})
