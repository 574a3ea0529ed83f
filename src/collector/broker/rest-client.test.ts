import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { scaledClock, systemClock } from '../../base/index.ts'
import { type AnswerRest, aRestServer } from '../../testing/a-rest-server.ts'
import type { Broker, BrokerAsk, BrokerReport } from './broker.ts'
import { createRestClient } from './rest-client.ts'

const DATE = 'Sat, 21 Nov 2026 16:00:00 GMT'

/** A client of a server that answers so, and what its broker was asked and told. */
async function aClient(answer: AnswerRest, { factor = 1 } = {}) {
  const server = await aRestServer(answer)
  const asks: BrokerAsk[] = []
  const reports: BrokerReport[] = []
  const broker: Broker = {
    grant: async (ask, signal) => {
      signal?.throwIfAborted()
      asks.push(ask)
    },
    report: (report) => reports.push(report),
  }
  const clock = factor === 1 ? systemClock : scaledClock(() => ({ factor, realMs: 0, atMs: 0 }))
  const client = createRestClient({ broker, clock })
  return {
    server,
    asks,
    reports,
    get: (path: string, signal?: AbortSignal) =>
      client.get(
        server.url,
        { path, weight: 2 },
        {
          priority: 'live',
          signal,
          saysLimited: (body) => body.includes('Too many'),
          usedWeight: (headers) => Number(headers['x-used'] ?? Number.NaN) || undefined,
        },
      ),
  }
}

test('an answer comes with its text, its headers and the exchange’s time', async () => {
  const { get, asks, reports, server } = await aClient((_, response) => {
    response.setHeader('content-encoding', 'gzip')
    response.writeHead(200, { date: DATE, age: '3', 'X-Used': '17' }).end(gzipSync('{"é":1}'))
  })

  expect(await get('/a?b=c')).toMatchObject({
    isAnswered: true,
    status: 200,
    headers: { 'x-used': '17' },
    body: '{"é":1}',
    dateMs: Date.parse(DATE) - 3000,
  })
  expect(server.asked).toEqual(['/a?b=c'])
  expect(asks).toEqual([{ address: server.url, kind: 'rest', weight: 2, priority: 'live' }])
  expect(reports).toEqual([
    { address: server.url, kind: 'rest', status: 200, retryAfterMs: undefined, usedWeight: 17 },
  ])
})

test('a refusal is an outcome, and the broker hears how long to wait', async () => {
  const { get, reports } = await aClient((_, response) => {
    response.writeHead(429, { 'retry-after': '7' }).end('{"code":-1003}')
  })

  expect(await get('/')).toMatchObject({
    isAnswered: true,
    status: 429,
    body: '{"code":-1003}',
    dateMs: undefined,
  })
  expect(reports).toMatchObject([{ status: 429, retryAfterMs: 7000 }])
})

test('an answer of HTTP 200 that asks for less counts as one', async () => {
  const { get, reports } = await aClient((_, response) => {
    response.writeHead(200).end('{"error":["EGeneral:Too many requests"]}')
  })

  expect(await get('/')).toMatchObject({ isAnswered: true, status: 200 })
  expect(reports).toMatchObject([{ status: 429 }])
})

test('a redirect is not followed: it would go round the broker', async () => {
  const { get, server } = await aClient((_, response) => {
    response.writeHead(302, { location: '/elsewhere' }).end()
  })

  expect(await get('/here')).toMatchObject({ status: 302 })
  expect(server.asked).toEqual(['/here'])
})

test('a kept connection that the exchange has closed meanwhile is no failure', async () => {
  const served = new WeakSet<object>()
  const { get, server } = await aClient((_, response, { socket }) => {
    if (served.has(socket)) return socket.destroy()
    served.add(socket)
    response.end('{}')
  })

  expect(await get('/first')).toMatchObject({ isAnswered: true })
  expect(await get('/second')).toMatchObject({ isAnswered: true, status: 200 })
  expect(server.asked).toEqual(['/first', '/second', '/second'])
})

test('an exchange that does not answer is cut off after 10 s', async () => {
  const { get, reports } = await aClient(() => undefined, { factor: 100 })

  expect(await get('/')).toEqual({ isAnswered: false, fault: 'slow', reason: 'no answer within 10 s' })
  expect(reports).toMatchObject([{ status: undefined }])
})

test('a body that drips is cut off after 30 s', async () => {
  const { get } = await aClient(
    (_, response) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(drip))
    },
    { factor: 100 },
  )

  expect(await get('/')).toMatchObject({
    isAnswered: false,
    fault: 'slow',
    reason: 'no end of the answer within 30 s',
  })
})

test('a body of over 16 MiB is not read to its end', async () => {
  const chunk = Buffer.alloc(1 << 20, ' ')
  let sent = 0
  const { get } = await aClient((_, response) => {
    const chunks = (function* () {
      for (; sent < 200; sent += 1) yield chunk
    })()
    Readable.from(chunks).pipe(response)
  })

  expect(await get('/')).toMatchObject({ isAnswered: false, fault: 'too_large' })
  expect(sent).toBeLessThan(100)
})

test.each<[string, AnswerRest]>([
  ['hangs up without an answer', (_, response) => response.destroy()],
  [
    'hangs up in the middle',
    (_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.destroy())
    },
  ],
])('an exchange that %s is unreachable', async (_, answer) => {
  const { get, reports } = await aClient(answer)

  expect(await get('/')).toMatchObject({
    isAnswered: false,
    fault: 'unreachable',
    reason: expect.any(String),
  })
  expect(reports).toMatchObject([{ status: undefined }])
})

test('who gives up gets his own reason', async () => {
  const { get, server } = await aClient(() => undefined)
  const given = new AbortController()
  const got = get('/', given.signal)
  while (server.asked.length === 0) await systemClock.sleep(5)

  given.abort(new Error('the collector stops'))

  await expect(got).rejects.toThrow('the collector stops')
})
