import type { S3Client } from '@aws-sdk/client-s3'
import { linkedSignal, type StoreSettings } from '../../base/index.ts'
import type { ContentMark, ListedObject, ObjectStore } from './object-store.ts'
import { asCredentialsError, asStoreError, isAnswer, noStore, statusOf } from './s3-error.ts'

const CONNECT_MS = 5_000
const REQUEST_MS = 60_000
/** Nothing is ever stored under it. */
const QUESTION_KEY = 'kx-asks-if-the-store-answers'

/**
 * A bucket, through the AWS SDK, which is loaded here and nowhere else: it takes 0.2 s.
 *
 * Bodies are buffers: streams are sent as aws-chunked, which not every compatible store understands. The SDK's
 * own retries are few and short; whoever calls retries for as long as it takes.
 */
export async function openS3Store({
  bucket,
  prefix,
  region,
  endpoint,
  isPathStyle,
}: StoreSettings): Promise<ObjectStore & Disposable> {
  // It warns of versions to come that need Node 22; kx pins one that does not.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const s3 = await import('@aws-sdk/client-s3')
  const client = new s3.S3Client({
    ...(region !== undefined && { region }),
    // Stores that are not AWS have no regions, yet the SDK wants one.
    ...(endpoint !== undefined && { endpoint, region: region ?? 'us-east-1' }),
    forcePathStyle: isPathStyle,
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: REQUEST_MS,
      throwOnRequestTimeout: true,
    },
  })
  const at = (key: string) => ({ Bucket: bucket, Key: `${prefix}${key}` })
  const options = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {})
  /** Before a request: what fails here (a role that may not be taken) is no answer of the store. */
  const credentials = async (signal?: AbortSignal) => {
    signal?.throwIfAborted()
    using ended = linkedSignal(...(signal ? [signal] : []))
    const end = new Promise<never>((_, reject) => {
      ended.signal.addEventListener('abort', () => reject(ended.signal.reason), { once: true })
    })
    await Promise.race([client.config.credentials(), end]).catch((error: unknown) => {
      throw asCredentialsError(error, bucket)
    })
  }
  return {
    async ask(signal) {
      // Not HEAD: its answer has no body, and so does not tell a wrong key from a missing permission.
      const command = new s3.GetObjectCommand({ ...at(QUESTION_KEY), Range: 'bytes=0-0' })
      await credentials(signal)
      const given = await client.send(command, options(signal)).catch((error: unknown) => {
        if (!isAnswer(error)) throw asStoreError(error, bucket)
      })
      if (given === undefined) return
      await given.Body?.transformToByteArray().catch(() => undefined)
      throw noStore(given.$metadata.httpStatusCode ?? 200, bucket)
    },
    async putNew({ key, body, contentType, contentEncoding, content }, signal) {
      const command = new s3.PutObjectCommand({
        ...at(key),
        Body: body,
        ContentType: contentType,
        ContentEncoding: contentEncoding,
        IfNoneMatch: '*',
        Metadata: { sha256: content.sha256, bytes: String(content.bytes) },
      })
      await credentials(signal)
      try {
        await client.send(command, options(signal))
        return 'stored'
      } catch (error) {
        if (statusOf(error) === 412) return 'exists'
        throw asStoreError(error, bucket)
      }
    },
    async head(key, signal) {
      await credentials(signal)
      try {
        const { Metadata } = await client.send(new s3.HeadObjectCommand(at(key)), options(signal))
        return { content: contentOf(Metadata) }
      } catch (error) {
        if (statusOf(error) === 404) return undefined
        throw asStoreError(error, bucket, true)
      }
    },
    async get(key, signal) {
      await credentials(signal)
      try {
        const { Body } = await client.send(new s3.GetObjectCommand(at(key)), options(signal))
        return (await Body?.transformToByteArray()) ?? new Uint8Array(0)
      } catch (error) {
        throw asStoreError(error, bucket)
      }
    },
    async *list(under, { isShallow }) {
      await credentials()
      yield* listPages({ client, s3, bucket, prefix, under, isShallow })
    },
    [Symbol.dispose]: () => client.destroy(),
  }
}

interface Listing {
  readonly client: S3Client
  readonly s3: typeof import('@aws-sdk/client-s3')
  readonly bucket: string
  readonly prefix: string
  readonly under: string
  readonly isShallow: boolean
}

async function* listPages({
  client,
  s3,
  bucket,
  prefix,
  under,
  isShallow,
}: Listing): AsyncGenerator<ListedObject> {
  let token: string | undefined
  do {
    const command = new s3.ListObjectsV2Command({
      Bucket: bucket,
      Prefix: `${prefix}${under}`,
      ...(isShallow && { Delimiter: '/' }),
      ...(token !== undefined && { ContinuationToken: token }),
    })
    const page = await client.send(command).catch((error: unknown) => {
      throw asStoreError(error, bucket)
    })
    for (const folder of page.CommonPrefixes ?? [])
      yield { key: (folder.Prefix ?? '').slice(prefix.length), sizeBytes: 0 }
    for (const object of page.Contents ?? [])
      yield { key: (object.Key ?? '').slice(prefix.length), sizeBytes: object.Size ?? 0 }
    token = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}

function contentOf(metadata: Readonly<Record<string, string>> | undefined): ContentMark | undefined {
  const bytes = Number(metadata?.bytes)
  return metadata?.sha256 && Number.isSafeInteger(bytes) ? { sha256: metadata.sha256, bytes } : undefined
}
