import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createUptime } from './uptime.ts'

const HOUR_MS = 3_600_000
const at = (text: string) => Date.parse(`2024-05-01T${text}Z`)
const text = (ms: number) => new Date(ms).toISOString().slice(11, 19)

describe('uptime', () => {
  test('goes from the first data to the last frame, never to now', () => {
    const uptime = createUptime('ohlc')
    uptime.seen(at('13:00:00'), at('13:00:00'))
    uptime.seen(at('13:00:04'), at('13:00:04'))

    expect(uptime.grown()).toEqual([])
    expect(uptime.end('silent_socket')).toEqual([
      {
        channel: 'ohlc',
        symbol: undefined,
        fromMs: at('13:00:00'),
        toMs: at('13:00:04'),
        cause: 'silent_socket',
      },
    ])
  })

  test('is cut at the hour, and only its last piece says why it ended', () => {
    const uptime = createUptime('ohlc')
    uptime.seen(at('13:59:55'), at('13:59:55'))
    uptime.seen(at('14:00:05'), at('14:00:05'))

    expect(uptime.end('lost').map(({ fromMs, toMs, cause }) => [text(fromMs), text(toMs), cause])).toEqual([
      ['13:59:55', '14:00:00', undefined],
      ['14:00:00', '14:00:05', 'lost'],
    ])
  })

  test.each([
    ['set an hour ahead', HOUR_MS],
    ['set an hour back', -HOUR_MS],
  ])('has no part of an hour that never passed when the clock was %s', (_, jumpMs) => {
    const uptime = createUptime('ohlc')
    const frames = Array.from({ length: 8 }, (_, i) => i * 5_000)
    const wall = (ms: number) => at('13:30:00') + ms + (ms >= 20_000 ? jumpMs : 0)

    const segments = frames.flatMap((ms) => {
      uptime.seen(wall(ms), ms)
      return uptime.grown()
    })
    segments.push(...uptime.end('lost'))

    const after = at('13:30:00') + jumpMs
    expect(segments.map(({ fromMs, toMs, cause }) => [text(fromMs), text(toMs), cause])).toEqual([
      ['13:30:00', '13:30:10', undefined],
      ['13:30:10', '13:30:15', 'clock_jump'],
      [text(after + 20_000), text(after + 30_000), undefined],
      [text(after + 30_000), text(after + 35_000), 'lost'],
    ])
  })

  test('is nothing without data', () => {
    expect(createUptime('ohlc').end('lost')).toEqual([])
  })

  test('never overlaps itself, never crosses an hour and adds up, however it is looked at', () => {
    const frames = fc.array(fc.tuple(fc.nat(40_000), fc.boolean()), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(fc.nat(HOUR_MS), frames, (startMs, steps) => {
        const uptime = createUptime('ohlc')
        const segments = []
        let nowMs = startMs
        for (const [stepMs, doesLook] of steps) {
          nowMs += stepMs
          uptime.seen(nowMs, nowMs)
          if (doesLook) segments.push(...uptime.grown())
        }
        segments.push(...uptime.end('lost'))

        const first = startMs + (steps[0]?.[0] ?? 0)
        expect(segments.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)).toBe(nowMs - first)
        for (const [i, { fromMs, toMs }] of segments.entries()) {
          expect(toMs).toBeGreaterThan(fromMs)
          expect(Math.floor(fromMs / HOUR_MS)).toBe(Math.floor((toMs - 1) / HOUR_MS))
          if (i > 0) expect(fromMs).toBe(segments[i - 1]?.toMs)
        }
      }),
    )
  })
})
