import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** An answer whose body was not read yet. */
export interface HttpAnswer {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Its text; undefined if it holds more than `limitBytes` uncompressed, and then the rest is not read. */
  body(limitBytes: number): Promise<string | undefined>
}

/**
 * Asks by GET and does not follow redirects. Node's fetch would do, but keeps 13 MB of each process for itself.
 *
 * @throws what went wrong, from Node; once `signal` aborts, in the body as well
 */
export async function httpGet(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const message = await answerOf(url, { headers: { 'accept-encoding': 'gzip', ...headers }, signal })
  return {
    status: message.statusCode ?? 0,
    headers: Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
    ),
    body: (limitBytes) => readText(unzipped(message), limitBytes),
  }
}

interface Asked {
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

function answerOf(url: string, asked: Asked): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? getHttps : getHttp
    const request = get(url, asked, resolve)
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The server closed a connection that was kept for the next question, and never saw this one.
      if (request.reusedSocket && error.code === 'ECONNRESET') resolve(answerOf(url, asked))
      else reject(error)
    })
  })
}

function unzipped(message: IncomingMessage): Readable {
  if (message.headers['content-encoding'] !== 'gzip') return message
  // What breaks the one breaks the other, and is thrown to who reads.
  return pipeline(message, createGunzip(), () => undefined)
}

async function readText(stream: Readable, limitBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > limitBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
