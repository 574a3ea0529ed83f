import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { aCollectStatus, anExchangeStatus } from '../../testing/a-collect-status.ts'
import { openHealthServer } from './health-server.ts'
import { metrics, openMetricsPage } from './metrics.ts'
import type { CollectStatus } from './status.ts'

async function aServer({ status = aCollectStatus(), stuck = [] as string[], isReady = true, port = 0 } = {}) {
  const log: string[] = []
  const pages = {
    status: () => status,
    stuck: () => stuck,
    isReady: () => isReady,
    page: await openMetricsPage(),
  }
  const server = await openHealthServer(port, pages, (_, cause) => void log.push(cause))
  onTestFinished(() => server[Symbol.asyncDispose]())
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`)
    return { code: response.status, body: await response.text() }
  }
  return { server, get, log }
}

const samplesOf = (page: string) => page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

test('a warehouse that is away is a degraded body and a metric, never a reason to be restarted', async () => {
  const load = { parts: 2, bytes: 300, ageMs: 5000, trouble: 'refused', rows: 7, badLines: 0, failing: 0 }
  const { get } = await aServer({ status: aCollectStatus({ load, degraded: ['warehouse: refused'] }) })

  expect(await get('/healthz')).toEqual({ code: 200, body: '{"status":"ok","stuck":[]}\n' })
  expect(await get('/readyz')).toEqual({
    code: 200,
    body: '{"status":"degraded","degraded":["warehouse: refused"]}\n',
  })
  expect(samplesOf((await get('/metrics')).body)).toEqual(
    expect.arrayContaining(['kx_collect_unloaded_bytes 300', 'kx_collect_unloaded_age_seconds 5']),
  )
})

test('what is stuck fails /healthz; what only starts fails /readyz', async () => {
  const { get } = await aServer({ stuck: ['the landing is not written'], isReady: false })

  expect((await get('/healthz')).code).toBe(503)
  expect((await get('/readyz')).code).toBe(503)
  expect((await get('/')).code).toBe(404)
})

test('a port that is taken is not the end: a free one is used and said', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', () => resolve()))
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo

  const { server, log } = await aServer({ port })

  expect(server.port).not.toBe(port)
  expect(log).toEqual(['port_taken'])
})

test('metrics say what they know, and nothing of what they do not know', async () => {
  const page = await openMetricsPage()
  const exchange = anExchangeStatus({
    frames: 12,
    dataAgeS: { 'BTC-USD/USD': 1.5 },
    reconnectsByCause: { silent: 2 },
    lagMs: -75,
  })

  const known = samplesOf(await page.render(aCollectStatus({ exchanges: [exchange] })))
  const next = samplesOf(await page.render(aCollectStatus({ exchanges: [{ ...exchange, dataAgeS: {} }] })))

  expect(known).toEqual(
    expect.arrayContaining([
      'kx_collect_frames_total{exchange="kraken"} 12',
      'kx_collect_data_age_seconds{exchange="kraken",symbol="BTC-USD/USD"} 1.5',
      'kx_collect_reconnects_total{exchange="kraken",cause="silent"} 2',
      'kx_collect_lag_seconds{exchange="kraken"} -0.075',
    ]),
  )
  expect(known.filter((line) => line.includes('unloaded'))).toEqual([])
  expect(known.filter((line) => line.includes('open_minutes'))).toEqual([])
  expect(next.filter((line) => line.includes('data_age'))).toEqual([])
})

test('every metric has a name of its own and a help text', () => {
  const names = metrics.map(({ name }) => name)

  expect(new Set(names).size).toBe(names.length)
  for (const { help } of metrics) expect(help).toMatch(/^[A-Z].*\.$/)
})

test('a status is plain JSON', () => {
  const status: CollectStatus = aCollectStatus({ exchanges: [anExchangeStatus()] })

  expect(JSON.parse(JSON.stringify(status))).toEqual(status)
})
