import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { aSocket } from '../../testing/a-simulator.ts'
import { anIo } from '../../testing/an-io.ts'
import { simulateCommand } from './simulate.ts'

function aFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kx-simulate-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

/** The command until the test is over, with what it printed as JSON. */
async function aRunningSimulator(options: Parameters<typeof simulateCommand>[1] = {}) {
  const stop = new AbortController()
  const { io, out } = anIo({ cwd: aFolder(), logFormat: 'json', signal: stop.signal })
  const done = simulateCommand(io, { ...options, speed: '100' })
  onTestFinished(async () => {
    stop.abort()
    await done
  })
  while (out.length === 0) await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 5))])
  const listening = JSON.parse(out[0] ?? '')
  return { ...listening, stop, done, out } as {
    control: string
    environment: Record<string, string>
    stop: AbortController
    done: Promise<number>
    out: string[]
  }
}

const get = async (url: string) => (await fetch(url)).text()
const post = (url: string, body: string) => fetch(url, { method: 'POST', body })

test('it says where it listens, as lines for a shell, and ends after its duration', async () => {
  const { io, out, err } = anIo({ cwd: aFolder(), env: { KX_CLOCK: '' } })

  const code = await simulateCommand(io, { printEnv: true, speed: '100', duration: '1s' })

  expect(code).toBe(0)
  expect(out.map((line) => line.split('=')[0])).toEqual([
    'export KX_WS_BINANCE_US',
    'export KX_REST_BINANCE_US',
    'export KX_WS_KRAKEN',
    'export KX_REST_KRAKEN',
    'export KX_CLOCK',
  ])
  expect(out[2]).toMatch(/^export KX_WS_KRAKEN='ws:\/\/127\.0\.0\.1:\d+\/v2'$/)
  expect(err).toEqual([])
})

test.each([
  [{ port: '99999' }, '--port 99999 is not a port with three more behind it'],
  [{ log: '/nowhere/log.jsonl' }, 'the log cannot be written: ENOENT'],
])('%j is refused by name', async (options, message) => {
  const { io } = anIo({ cwd: aFolder() })

  await expect(simulateCommand(io, options)).rejects.toMatchObject({
    code: 'KX_USAGE',
    message: expect.stringContaining(message),
  })
})

test('a port that somebody else has is named', async () => {
  const { environment } = await aRunningSimulator()
  const taken = Number(new URL(environment.KX_REST_KRAKEN ?? '').port)
  const { io } = anIo({ cwd: aFolder() })

  // The controls are two before Kraken's; Binance.US is between them.
  await expect(simulateCommand(io, { port: String(taken - 2) })).rejects.toMatchObject({
    code: 'KX_USAGE',
    message: expect.stringMatching(/^port \d+ is taken$/),
  })
})

test('a signal ends it with 0', async () => {
  const { stop, done, out } = await aRunningSimulator()

  stop.abort()

  expect(await done).toBe(0)
  expect(JSON.parse(out.at(-1) ?? '')).toMatchObject({ type: 'simulate.ended', faults: { drop: 0 } })
})

test('the truth is printed without a server, the same for the same seed', async () => {
  const printed = async (options: Parameters<typeof simulateCommand>[1]) => {
    const { io, out } = anIo({ cwd: aFolder() })
    expect(await simulateCommand(io, { truth: '2024-05-01T13', ...options })).toBe(0)
    return out
  }
  const csv = await printed({ symbol: 'BTC-USD' })

  expect(csv).toHaveLength(1 + 2 * 60)
  expect(csv[0]).toMatch(/^exchange,symbol,native_symbol,quote_asset,interval_start,open/)
  expect(await printed({ symbol: 'BTC-USD' })).toEqual(csv)
  expect(await printed({ symbol: 'BTC-USD', seed: '8' })).not.toEqual(csv)
  const [first] = await printed({ symbol: 'BTC-USD', exchange: 'kraken', format: 'json' })
  expect(JSON.parse(first ?? '')).toMatchObject({
    exchange: 'kraken',
    interval_start: '2024-05-01T13:00:00.000Z',
  })
})

describe('the controls', () => {
  test('tell the truth that a client hears', async () => {
    const { control, environment } = await aRunningSimulator()
    const socket = await aSocket(`${environment.KX_WS_BINANCE_US}/ws/btcusdt@kline_1m`)

    const { k } = JSON.parse(await socket.next((frame) => frame.includes('"x":true')))

    const query = `exchange=binance_us&symbol=BTCUSDT&from=${k.t}&to=${k.T + 1}`
    const truth = JSON.parse(await get(`${control}/truth?${query}`))
    expect([truth.open, truth.high, truth.low, truth.close, truth.volume, truth.quote_volume]).toEqual([
      ...[k.o, k.h, k.l, k.c, k.v, k.q],
    ])
    expect((await get(`${control}/truth?${query}&format=csv`)).split('\n')).toHaveLength(3)
  })

  test('make something go wrong, count it, and show the log', async () => {
    const { control, environment } = await aRunningSimulator()
    const socket = await aSocket(`${environment.KX_WS_BINANCE_US}/ws/btcusdt@kline_1m`)
    await socket.next((frame) => frame.includes('kline'))

    const response = await post(`${control}/faults`, '[{"kind":"drop"},{"kind":"server-error","status":500}]')

    expect([response.status, await response.json()]).toEqual([202, { injected: 2 }])
    expect(await socket.closed).toBe('1006')
    expect((await fetch(`${environment.KX_REST_KRAKEN}/0/public/Time`)).status).toBe(500)
    expect(JSON.parse(await get(control))).toMatchObject({
      faults: { drop: 1, 'server-error': 1 },
      connections: [],
    })
    const log = (await get(`${control}/log`))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(log.map(({ type }) => type)).toEqual(expect.arrayContaining(['open', 'frame', 'fault', 'close']))
    expect(log.find(({ type }) => type === 'close')).toMatchObject({
      cause: 'drop',
      connection: 'binance_us-1',
    })
  })

  test.each([
    ['truth?from=x&to=y', 400, "from 'x' is not a time"],
    ['truth?from=2017-01-01T00:00:00Z&to=2024-01-01T00:00:00Z', 400, 'more than 2000000 candles'],
    ['nothing', 404, 'not found'],
  ])('%s is refused', async (path, status, error) => {
    const { control } = await aRunningSimulator()

    const response = await fetch(`${control}/${path}`)

    expect([response.status, await response.json()]).toEqual([status, { error }])
  })

  test('list the exchanges that trade something', async () => {
    const { control } = await aRunningSimulator({ exchange: 'kraken' })

    expect(Object.keys(JSON.parse(await get(control)).urls)).toEqual(['kraken'])
  })

  test.each([
    ['{"kind":"drop","exchange":"foo"}', "drop: no exchange 'foo' is simulated"],
    ['{"kind":"nosuch"}', "'nosuch' is no kind of fault"],
    ['drop', 'the faults are not JSON'],
  ])('the fault %s is refused', async (body, error) => {
    const { control } = await aRunningSimulator()

    const response = await post(`${control}/faults`, body)

    expect([response.status, await response.json()]).toEqual([400, { error }])
  })
})

test('faults of the command line take effect, and --log keeps what happened', async () => {
  const logFile = join(aFolder(), 'sent.jsonl')
  const { environment, stop, done } = await aRunningSimulator({
    log: logFile,
    fault: ['close=1012', 'refuse-connect=503,exchange=kraken'],
  })
  const socket = await aSocket(`${environment.KX_WS_BINANCE_US}/ws`)

  expect(await socket.closed).toBe('1012 Going away')
  await expect(aSocket(environment.KX_WS_KRAKEN ?? '')).rejects.toThrow('503')
  stop.abort()
  await done
  expect(readFileSync(logFile, 'utf8')).toMatch(/"connection":"binance_us-1","port":\d+,"cause":"close"/)
})

test.each([
  [{ seed: 'x' }, '--seed x is not a whole number'],
  [{ port: '-1' }, '--port -1 is not a port with three more behind it'],
  [{ speed: '0' }, '--speed 0 is not a number'],
  [{ duration: 'soon' }, '--duration soon is not a time'],
  [{ skew: 'much' }, '--skew much is not a time'],
  [{ faultsRate: '5' }, '--faults-rate 5 is not a rate'],
  [{ fault: ['dorp'] }, "'dorp' is no kind of fault"],
  [{ fault: ['drop,exchange=binance'] }, "drop: no exchange 'binance' is simulated"],
  [{ exchange: 'nosuch' }, 'no instrument of a simulated exchange is left'],
  [{ truth: '2024-05-01T13', format: 'xml' }, '--format xml is not known'],
])('%j is refused: %s', async (options, message) => {
  const { io } = anIo({ cwd: aFolder() })

  await expect(simulateCommand(io, options)).rejects.toMatchObject({ code: 'KX_USAGE', message })
})
