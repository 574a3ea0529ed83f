import { StoreError } from './object-store.ts'

interface SdkError {
  /** S3's code, where the answer had one. */
  readonly name?: string
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

/** Status of the answer that an error of the SDK stands for; undefined: none came. */
export function statusOf(error: unknown): number | undefined {
  return (error as SdkError).$metadata?.httpStatusCode
}

/** What the SDK calls an answer without a code. */
const NO_CODE = /^(Unknown|UnknownError|Error|S3ServiceException|\d+)$/
/** S3 says so of an object that it does not show, for lack of a permission that sending does not need. */
const NOT_SHOWN = new Set(['AccessDenied', 'Forbidden'])

/** Whether a store that does not give an object does so for that object alone: credentials and bucket are right. */
export function isAnswer(error: unknown): boolean {
  const { name = '' } = error as SdkError
  const status = statusOf(error)
  if (status === 404) return name !== 'NoSuchBucket'
  if (status === 403) return NOT_SHOWN.has(name) || NO_CODE.test(name)
  // There is an object, and it is empty.
  return status === 416
}

/** 409 is a race of conditional puts, 408 and 429 ask for patience: they pass, as a failing server does. */
const PASSING = new Set([408, 409, 429])

/** An error of the SDK in our words. */
export function asStoreError(error: unknown, bucket: string): StoreError {
  const { name = 'Error', message = '' } = error as SdkError
  const status = statusOf(error)
  // S3 redirects to a bucket's own region, and says so again each time.
  const isRefused = status !== undefined && status >= 300 && status < 500 && !PASSING.has(status)
  const unset = unsetOf({ name, message })
  return new StoreError(
    isRefused || unset ? 'refused' : 'unreachable',
    `s3://${bucket}: ${unset ?? answerText({ status, name, message })}`,
    { status, hint: unset === undefined ? hintOf(status, name) : undefined, cause: error },
  )
}

/** Without credentials or a region nothing is sent at all: what is to be set, where that is so. */
function unsetOf({ name, message }: { readonly name: string; readonly message: string }): string | undefined {
  if (name === 'CredentialsProviderError')
    return 'no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE'
  if (message.includes('Region is missing')) return 'no region: set AWS_REGION, or region under collect.s3'
  return undefined
}

interface Answer {
  readonly status: number | undefined
  readonly name: string
  readonly message: string
}

/** `403 InvalidAccessKeyId: The AWS Access Key Id you provided …`, as far as the answer says so. */
function answerText({ status, name, message }: Answer): string {
  const code = [status ?? '', NO_CODE.test(name) ? '' : name].filter((part) => part !== '').join(' ')
  const said = message === name || NO_CODE.test(message) ? '' : message
  return [code, said].filter((part) => part !== '').join(': ') || name
}

/** What a person can do about an answer, or about none. */
function hintOf(status: number | undefined, code: string): string | undefined {
  if (status === undefined) return 'check collect.s3.endpoint and the network'
  if (code === 'NoSuchBucket') return 'make the bucket, or correct collect.s3.bucket'
  if (status < 400 || code === 'AuthorizationHeaderMalformed') return 'correct collect.s3.region'
  if (code === 'AccessDenied') return 'allow these credentials s3:PutObject and s3:GetObject under the prefix'
  if (code === 'RequestTimeTooSkewed') return "set this machine's clock"
  if (code === 'ExpiredToken' || code === 'InvalidToken') return 'renew AWS_SESSION_TOKEN'
  if (status === 401 || status === 403)
    return 'check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE'
  return undefined
}
