import { describe, expect, test } from 'vitest'
import { aFastClock, aSimulator } from '../../../testing/a-simulator.ts'
import { type Fault, faultKinds, type Simulator } from '../server/index.ts'

const binance = (simulator: Simulator) => `${simulator.urls.binance_us.rest}/api/v3/time`
const kraken = (simulator: Simulator) => `${simulator.urls.kraken.rest}/0/public/Time`

describe('a request', () => {
  test.each<[Fault, number, string | null, string]>([
    [{ kind: 'rate-limit', retryAfterMs: 9000 }, 429, '9', '{"code":-1003'],
    [{ kind: 'ban' }, 418, '120', '{"code":-1003'],
    [{ kind: 'server-error', status: 502 }, 502, null, '<html>'],
    [{ kind: 'error-body' }, 200, null, '{"code":-1003'],
  ])('%j is answered with %d', async (fault, status, retryAfter, beginning) => {
    const simulator = await aSimulator()
    void simulator.inject(fault)

    const response = await fetch(binance(simulator))

    expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter])
    expect((await response.text()).slice(0, beginning.length)).toBe(beginning)
    expect(simulator.counts()[fault.kind]).toBe(1)
    expect((await fetch(binance(simulator))).status).toBe(200)
    expect(await (await fetch(binance(simulator))).json()).toHaveProperty('serverTime')
  })

  test('of Kraken gets HTTP 200 with an error', async () => {
    const simulator = await aSimulator()
    void simulator.inject({ kind: 'error-body', exchange: 'kraken', error: 'EService:Unavailable', times: 2 })

    expect(await (await fetch(binance(simulator))).json()).toHaveProperty('serverTime')
    for (let request = 0; request < 2; request++)
      expect(await (await fetch(kraken(simulator))).json()).toEqual({ error: ['EService:Unavailable'] })
    expect(await (await fetch(kraken(simulator))).json()).toHaveProperty('result')
  })

  test('gets its body slowly, and whole', async () => {
    const simulator = await aSimulator({ clock: aFastClock(10) })
    void simulator.inject({ kind: 'slow-body', overMs: 3000 })
    const startedMs = performance.now()

    const response = await fetch(kraken(simulator))
    const headersMs = performance.now() - startedMs
    const body = await response.json()

    expect(body).toHaveProperty('result.unixtime')
    expect(performance.now() - startedMs - headersMs).toBeGreaterThan(200)
  })

  test('fails for a time', async () => {
    const simulator = await aSimulator()
    void simulator.inject({ kind: 'server-error', forMs: 30_000 })

    const statuses: number[] = []
    for (let request = 0; request < 5; request++) statuses.push((await fetch(kraken(simulator))).status)
    await simulator.clock.sleep(31_000)
    statuses.push((await fetch(kraken(simulator))).status)

    expect(statuses).toEqual([503, 503, 503, 503, 503, 200])
  })
})

describe('random faults', () => {
  /** Faults of one seed, in order. */
  async function chaosOf(faultsSeed: number): Promise<string[]> {
    const simulator = await aSimulator({ clock: aFastClock(2000), faultsSeed })
    const injected: string[] = []
    const end = simulator.startChaos({
      perMinute: 60,
      onFault: (fault) => injected.push(JSON.stringify(fault)),
    })
    while (injected.length < 40) await simulator.clock.sleep(1000)
    end()
    return injected.slice(0, 40)
  }

  test('are the same for the same seed, and every kind comes before any comes again', async () => {
    const faults = await chaosOf(3)

    expect(await chaosOf(3)).toEqual(faults)
    expect(await chaosOf(4)).not.toEqual(faults)
    const kinds = faults.slice(0, 19).map((fault) => JSON.parse(fault).kind)
    expect(kinds.toSorted()).toEqual(faultKinds.filter((kind) => kind !== 'burst').toSorted())
  })
})

test('the market does not depend on what goes wrong', async () => {
  const clock = aFastClock(50)
  const calm = await aSimulator({ clock })
  const wild = await aSimulator({
    clock,
    faultsSeed: 9,
    faults: [{ kind: 'skew', skewMs: 5000 }, { kind: 'drop' }],
  })
  const instrument = { exchange: 'kraken', nativeSymbol: 'BTC/USD' }
  const shown = (simulator: Simulator) =>
    simulator
      .truthOf(instrument, Date.parse('2024-05-01T10:00:00Z'), Date.parse('2024-05-01T11:00:00Z'))
      .map(({ instrument: _, ...candle }) => candle)

  expect(shown(wild)).toEqual(shown(calm))
})
