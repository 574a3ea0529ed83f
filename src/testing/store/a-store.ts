import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { crc32 } from 'node:zlib'
import type { StoreSettings } from '../../base/index.ts'
import { listing } from './listing.ts'

/** What the store does wrong with the next request that it fits. */
export type StoreFault =
  /** 503 SlowDown. */
  | 'busy'
  /** 409, as two conditional puts at once get. */
  | 'conflict'
  /** Hangs up before anything is stored. */
  | 'drop'
  /** Stores, then hangs up: the answer is lost. */
  | 'drop-after-store'
  /** Answers after a second. */
  | 'slow'

interface StoredObject {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** A store on loopback that keeps S3's rules for what the uploader sends: conditional puts and checksums. */
export interface TestStore extends AsyncDisposable {
  readonly settings: StoreSettings
  readonly objects: Map<string, StoredObject>
  /** `PUT key 200`, in order. */
  readonly requests: string[]
  /** Queues faults, each for one PUT. */
  fail(...faults: StoreFault[]): void
  /** Forgets the faults that are still queued. */
  behave(): void
  /** Lets nobody in: each request is answered 403 and `code`, until `unlock`. */
  lock(code: string): void
  unlock(): void
  /** From now on takes requests and answers none. */
  hang(): void
  /** Away: connections are refused until `comeBack`. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
}

/** Credentials that the store takes; any others are refused. */
export const storeCredentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test-secret' } as const

/** Objects a page of a listing has; small, so that tests see pages. */
const PAGE = 100

export interface TestStoreOptions {
  readonly prefix?: string
  /** Credentials may put objects and no more, as a policy for a sender may have it. */
  readonly isWriteOnly?: boolean
}

/** Opens a store with one empty bucket, `market`. */
export async function aStore(options: TestStoreOptions = {}): Promise<TestStore> {
  const { isWriteOnly = false } = options
  const objects = new Map<string, StoredObject>()
  const requests: string[] = []
  const faults: StoreFault[] = []
  const state: State = { objects, requests, faults, isWriteOnly, lockedBy: undefined, isSilent: false }
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    answer(state, request, response).catch(() => response.destroy())
  }
  let server = createServer(serve)
  const port = await listen(server, 0)
  return {
    settings: {
      bucket: 'market',
      prefix: options.prefix ?? '',
      region: undefined,
      endpoint: `http://127.0.0.1:${port}`,
      isPathStyle: true,
    },
    objects,
    requests,
    fail: (...more) => void faults.push(...more),
    behave: () => void faults.splice(0),
    lock(code) {
      state.lockedBy = code
    },
    unlock() {
      state.lockedBy = undefined
    },
    hang() {
      state.isSilent = true
    },
    goAway: () => close(server),
    async comeBack() {
      server = createServer(serve)
      await listen(server, port)
    },
    [Symbol.asyncDispose]: () => close(server),
  }
}

interface State {
  readonly objects: Map<string, StoredObject>
  readonly requests: string[]
  readonly faults: StoreFault[]
  readonly isWriteOnly: boolean
  /** Code that every request is refused with. */
  lockedBy: string | undefined
  isSilent: boolean
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://store')
  const [, bucket, ...rest] = url.pathname.split('/')
  const key = rest.map(decodeURIComponent).join('/')
  response.on('finish', () => state.requests.push(`${request.method} ${key} ${response.statusCode}`))
  const body = await readBody(request)
  if (state.isSilent) return void state.requests.push(`${request.method} ${key} unanswered`)
  if (state.lockedBy !== undefined) return refuse(response, 403, state.lockedBy)
  if (!(request.headers.authorization ?? '').includes(`Credential=${storeCredentials.AWS_ACCESS_KEY_ID}/`))
    return refuse(response, 403, 'InvalidAccessKeyId')
  if (bucket !== 'market') return refuse(response, 404, 'NoSuchBucket')
  if (request.method === 'PUT') return await put(state, { key, body, request, response })
  if (state.isWriteOnly) return refuse(response, 403, 'AccessDenied')
  if (key === '') return void response.end(listing([...state.objects], url.searchParams, PAGE))
  const object = state.objects.get(key)
  if (!object) return refuse(response, 404, request.method === 'HEAD' ? 'NotFound' : 'NoSuchKey')
  response.writeHead(200, { ...object.headers, 'content-length': object.body.length })
  response.end(request.method === 'HEAD' ? undefined : object.body)
}

interface Put {
  readonly key: string
  readonly body: Buffer
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

async function put({ objects, faults }: State, { key, body, request, response }: Put): Promise<void> {
  const fault = faults.shift()
  if (fault === 'drop') return void request.socket.destroy()
  if (fault === 'busy') return refuse(response, 503, 'SlowDown')
  if (fault === 'conflict') return refuse(response, 409, 'ConditionalRequestConflict')
  if (fault === 'slow') await new Promise((resolve) => setTimeout(resolve, 1000))
  if (!isWhole(body, request.headers)) return refuse(response, 400, 'BadDigest')
  if (request.headers['if-none-match'] === '*' && objects.has(key))
    return refuse(response, 412, 'PreconditionFailed')
  const kept = Object.entries(request.headers).filter(([name]) => /^(x-amz-meta-|content-type)/.test(name))
  objects.set(key, { body, headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])) })
  if (fault === 'drop-after-store') return void request.socket.destroy()
  response.writeHead(200, { etag: `"${createHash('md5').update(body).digest('hex')}"` }).end()
}

/** Whether the body is what its checksums say; one of them there must be. */
function isWhole(body: Buffer, headers: IncomingMessage['headers']): boolean {
  const crc = headers['x-amz-checksum-crc32']
  const sha = headers['x-amz-content-sha256']
  const ownCrc = Buffer.alloc(4)
  ownCrc.writeUInt32BE(crc32(body))
  const ownSha = createHash('sha256').update(body).digest('hex')
  if (crc === undefined && !/^[0-9a-f]{64}$/.test(String(sha))) return false
  if (crc !== undefined && crc !== ownCrc.toString('base64')) return false
  return !/^[0-9a-f]{64}$/.test(String(sha)) || sha === ownSha
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`)
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

function close(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
