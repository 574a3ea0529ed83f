import type { S3Client } from '@aws-sdk/client-s3'
import type { StoreSettings } from '../../base/index.ts'
import { type ContentMark, type ListedObject, type ObjectStore, StoreError } from './object-store.ts'

const CONNECT_MS = 5_000
const REQUEST_MS = 60_000

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
  return {
    async putNew({ key, body, contentType, contentEncoding, content }, signal) {
      const command = new s3.PutObjectCommand({
        ...at(key),
        Body: body,
        ContentType: contentType,
        ContentEncoding: contentEncoding,
        IfNoneMatch: '*',
        Metadata: { sha256: content.sha256, bytes: String(content.bytes) },
      })
      try {
        await client.send(command, options(signal))
        return 'stored'
      } catch (error) {
        if (statusOf(error) === 412) return 'exists'
        throw asStoreError(error, bucket)
      }
    },
    async head(key, signal) {
      try {
        const { Metadata } = await client.send(new s3.HeadObjectCommand(at(key)), options(signal))
        return { content: contentOf(Metadata) }
      } catch (error) {
        if (statusOf(error) === 404) return undefined
        throw asStoreError(error, bucket)
      }
    },
    async get(key, signal) {
      try {
        const { Body } = await client.send(new s3.GetObjectCommand(at(key)), options(signal))
        return (await Body?.transformToByteArray()) ?? new Uint8Array(0)
      } catch (error) {
        throw asStoreError(error, bucket)
      }
    },
    list: (under, { isShallow }) =>
      listPages({
        client,
        s3,
        bucket,
        prefix,
        under,
        isShallow,
      }),
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

interface SdkError {
  readonly name?: string
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

function statusOf(error: unknown): number | undefined {
  return (error as SdkError).$metadata?.httpStatusCode
}

/** 409 is a race of conditional puts, 408 and 429 ask for patience: they pass, as a failing server does. */
const PASSING = new Set([408, 409, 429])

/** Without credentials or a region nothing is sent at all: what is to be set, where that is so. */
function unsetOf({ name, message }: { readonly name: string; readonly message: string }): string | undefined {
  if (name === 'CredentialsProviderError')
    return 'no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE'
  if (message.includes('Region is missing')) return 'no region: set AWS_REGION, or region under collect.s3'
  return undefined
}

function asStoreError(error: unknown, bucket: string): StoreError {
  const { name = 'Error', message = '' } = error as SdkError
  const status = statusOf(error)
  const isRefused = status !== undefined && status >= 400 && status < 500 && !PASSING.has(status)
  const unset = unsetOf({ name, message })
  return new StoreError(
    isRefused || unset ? 'refused' : 'unreachable',
    `s3://${bucket}: ${unset ?? `${status ?? name}${message && message !== name ? ` ${message}` : ''}`}`,
    { status, cause: error },
  )
}
