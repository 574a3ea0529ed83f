import { StoreError } from './object-store.ts'

interface SdkError {
  /** S3's code, where the answer had one. */
  readonly name?: string
  readonly message?: string
  /** Of an AggregateError: one for each address of a host. */
  readonly errors?: readonly unknown[]
  readonly $metadata?: { readonly httpStatusCode?: number }
}

/** Status of the answer that an error of the SDK stands for; undefined: none came. */
export function statusOf(error: unknown): number | undefined {
  return (error as SdkError).$metadata?.httpStatusCode
}

/** What the SDK calls an answer without a code; `NotFound` is its own word for a 404. */
const NO_CODE = /^(Unknown|UnknownError|NotFound|Error|S3ServiceException|\d+)$/
/** How the SDK ends what it says of a page that is not XML. */
const NOT_READ = 'Deserialization error'

/** Whether a store that does not give an object does so for that object alone: credentials and bucket are right. */
export function isAnswer(error: unknown): boolean {
  const { status, code } = answerOf(error)
  if (status === 404) return code === 'NoSuchKey'
  // S3 says so of an object that it does not show, for lack of a permission that sending does not need.
  if (status === 403) return code === 'AccessDenied' || code === 'Forbidden'
  // There is an object, and it is empty.
  return status === 416
}

/** What something else than a store answered. */
export function noStore(status: number, bucket: string, cause?: unknown): StoreError {
  const hint = 'this is no S3 store: check collect.s3.endpoint'
  return new StoreError('unreachable', `s3://${bucket}: ${status}`, { status, hint, cause })
}

/** 409 is a race of conditional puts, 408 and 429 ask for patience: they pass, as a failing server does. */
const PASSING = new Set([408, 409, 429])

/**
 * An error of the SDK in our words.
 *
 * @param isHead the answer has no body, and so no code
 */
export function asStoreError(error: unknown, bucket: string, isHead = false): StoreError {
  const answer = answerOf(error)
  const { status, code, said } = answer
  if (said.includes('Region is missing')) {
    const hint = 'set AWS_REGION, or region under collect.s3'
    return new StoreError('refused', `s3://${bucket}: no region`, { status, hint, cause: error })
  }
  if (!isHead && code === undefined && (status === 404 || status === 403))
    return noStore(status, bucket, error)
  // S3 redirects to a bucket's own region, and says so again each time.
  const isRefused =
    (status !== undefined && status >= 300 && status < 500 && !PASSING.has(status)) || isUnable(answer)
  return new StoreError(isRefused ? 'refused' : 'unreachable', `s3://${bucket}: ${answerText(answer)}`, {
    ...{ status, hint: hintOf(answer), cause: error },
    isForNextStart: code !== undefined && (WRONG_KEY.has(code) || OLD_TOKEN.has(code)),
  })
}

/** There are no credentials, or who gives them out refuses: nothing was asked of the store. */
export function asCredentialsError(error: unknown, bucket: string): StoreError {
  const { status, name, said } = answerOf(error)
  if (said.includes('Region is missing')) return asStoreError(error, bucket)
  const isNone = name === 'CredentialsProviderError'
  const what = isNone ? 'no credentials' : 'credentials'
  return new StoreError('refused', `s3://${bucket}: ${what}: ${said || name}`, {
    status,
    hint: isNone
      ? 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE'
      : 'correct AWS_PROFILE or its role',
    cause: error,
    isForNextStart: true,
  })
}

interface Answer {
  readonly status: number | undefined
  /** S3's; undefined: none came. */
  readonly code: string | undefined
  /** What the SDK calls the error. */
  readonly name: string
  /** One line; '' if it says nothing. */
  readonly said: string
}

function answerOf(error: unknown): Answer {
  const { name = 'Error', message = '', errors = [] } = error as SdkError
  const status = statusOf(error)
  const isRead = !message.includes(NOT_READ)
  const all = message === '' ? errors.map((one) => (one as SdkError).message ?? '').join(', ') : message
  const said = isRead ? all.replace(/\s+/g, ' ').trim() : ''
  return {
    status,
    code: status === undefined || !isRead || NO_CODE.test(name) ? undefined : name,
    name,
    said: said === name || NO_CODE.test(said) ? '' : said,
  }
}

/** `403 InvalidAccessKeyId: The AWS Access Key Id you provided …`, as far as the answer says so. */
function answerText({ status, code, name, said }: Answer): string {
  const answer = [status, code].filter((part) => part !== undefined).join(' ')
  return [answer, said].filter((part) => part !== '').join(': ') || name
}

const WRONG_KEY = new Set(['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'Unauthorized', 'InvalidSecurity'])
const OLD_TOKEN = new Set(['ExpiredToken', 'InvalidToken'])
const OTHER_REGION = new Set(['PermanentRedirect', 'TemporaryRedirect', 'AuthorizationHeaderMalformed'])

/** What a person can do about an answer, or about none. */
function hintOf(answer: Answer): string | undefined {
  const { status, code } = answer
  if (status === undefined) return 'check collect.s3.endpoint and the network'
  if (code !== undefined && WRONG_KEY.has(code))
    return 'check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE'
  if (code !== undefined && OLD_TOKEN.has(code)) return 'renew AWS_SESSION_TOKEN'
  if (code !== undefined && OTHER_REGION.has(code)) return 'correct collect.s3.region'
  if (status >= 300 && status < 400) return 'the endpoint redirects: correct collect.s3.endpoint'
  if (code === 'NoSuchBucket') return 'make the bucket, or correct collect.s3.bucket'
  if (code === 'AccessDenied') return 'allow these credentials s3:PutObject and s3:GetObject under the prefix'
  if (code === 'RequestTimeTooSkewed') return "set this machine's clock"
  if (isUnable(answer)) return 'use another store: this store has no conditional puts'
  if (status === 403 && (code === undefined || code === 'Forbidden'))
    return 'check the credentials, and allow them s3:PutObject and s3:GetObject'
  return undefined
}

/** What a store says of a header that it does not know. */
function isUnable({ status, code }: Answer): boolean {
  return status === 501 && code === 'NotImplemented'
}
