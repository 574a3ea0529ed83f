import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Log } from './log.ts'
import type { MetricsPage } from './metrics.ts'
import type { CollectStatus } from './status.ts'

/** What the pages are made of, asked for with each request. */
export interface HealthSources {
  readonly status: () => CollectStatus
  /** What is stuck, in words: only a restart helps. */
  readonly stuck: () => readonly string[]
  /** Whether it collects: started, and not stopping. */
  readonly isReady: () => boolean
}

/** `/healthz`, `/readyz` and `/metrics` on loopback. */
export interface HealthServer extends AsyncDisposable {
  readonly port: number
}

interface Pages extends HealthSources {
  readonly page: MetricsPage
}

interface Answer {
  readonly code: number
  readonly type: string
  readonly body: string
}

/** Listens on 127.0.0.1; a port that is taken is said so, and any free one is used in its place. */
export async function openHealthServer(port: number, pages: Pages, log: Log): Promise<HealthServer> {
  const server = createServer((request, response) => void answer(request, response, pages))
  server.on('clientError', (_, socket) => socket.destroy())
  try {
    await listen(server, port)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    await listen(server, 0)
    log('warn', 'port_taken', `port ${port} is taken: health and metrics are on ${portOf(server)}`)
  }
  server.unref()
  return {
    port: portOf(server),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, pages: Pages): Promise<void> {
  try {
    const { code, type, body } = await pageOf(request.url ?? '/', pages)
    response.writeHead(code, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
  } catch (error) {
    if (!response.headersSent) response.writeHead(500)
    response.end(String(error))
  }
}

async function pageOf(url: string, { status, stuck, isReady, page }: Pages): Promise<Answer> {
  const [path] = url.split('?')
  if (path === '/healthz') {
    const found = stuck()
    return asJson(found.length === 0 ? 200 : 503, {
      status: found.length === 0 ? 'ok' : 'stuck',
      stuck: found,
    })
  }
  if (path === '/readyz') {
    const { degraded } = status()
    const state = !isReady() ? 'not ready' : degraded.length === 0 ? 'ready' : 'degraded'
    return asJson(isReady() ? 200 : 503, { status: state, degraded })
  }
  if (path === '/metrics') return { code: 200, type: page.contentType, body: await page.render(status()) }
  return asJson(404, { error: 'here are /healthz, /readyz and /metrics' })
}

function asJson(code: number, value: unknown): Answer {
  return { code, type: 'application/json', body: `${JSON.stringify(value)}\n` }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
