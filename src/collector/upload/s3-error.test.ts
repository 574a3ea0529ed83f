import { expect, test } from 'vitest'
import { asCredentialsError, asStoreError, isAnswer } from './s3-error.ts'

/** As the SDK throws it: named for the code of the answer. */
function anSdkError(httpStatusCode: number | undefined, name: string, message = name): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } })
}

test.each([
  [404, 'NoSuchKey', true],
  [404, 'NotFound', false],
  [404, 'NoSuchBucket', false],
  [403, 'AccessDenied', true],
  [403, 'Forbidden', true],
  [403, 'UnknownError', false],
  [403, 'InvalidAccessKeyId', false],
  [403, 'SignatureDoesNotMatch', false],
  [403, 'RequestTimeTooSkewed', false],
  [400, 'ExpiredToken', false],
  [401, 'Unauthorized', false],
  [416, 'InvalidRange', true],
  [301, 'PermanentRedirect', false],
  [503, 'SlowDown', false],
  [undefined, 'TimeoutError', false],
])('%s %s to a question after an object: the store answers: %s', (status, code, answers) => {
  expect(isAnswer(anSdkError(status, code))).toBe(answers)
})

test.each([
  [403, 'SignatureDoesNotMatch', 'refused', /^check AWS_ACCESS_KEY_ID/],
  [403, 'AccessDenied', 'refused', /^allow these credentials s3:PutObject/],
  [403, 'RequestTimeTooSkewed', 'refused', /^set this machine's clock/],
  [400, 'ExpiredToken', 'refused', /^renew AWS_SESSION_TOKEN/],
  [404, 'NoSuchBucket', 'refused', /^make the bucket/],
  [301, 'PermanentRedirect', 'refused', /^correct collect\.s3\.region/],
  [302, 'UnknownError', 'refused', /^the endpoint redirects: correct collect\.s3\.endpoint$/],
  [404, 'NotFound', 'unreachable', /^this is no S3 store: check collect\.s3\.endpoint$/],
  [403, 'UnknownError', 'unreachable', /^this is no S3 store: check collect\.s3\.endpoint$/],
  [403, 'AccountProblem', 'refused', /^$/],
  [501, 'NotImplemented', 'refused', /this store has no conditional puts$/],
  [400, 'AuthorizationHeaderMalformed', 'refused', /^correct collect\.s3\.region/],
  [409, 'ConditionalRequestConflict', 'unreachable', /^$/],
  [503, 'SlowDown', 'unreachable', /^$/],
  [undefined, 'TimeoutError', 'unreachable', /^check collect\.s3\.endpoint/],
])('%s %s is told as %s', (status, code, kind, hint) => {
  const error = asStoreError(anSdkError(status, code), 'market')

  expect(error.kind).toBe(kind)
  expect(error.hint ?? '').toMatch(hint)
})

test('a HEAD is answered without a code: its 403 may be either', () => {
  const error = asStoreError(anSdkError(403, 'UnknownError'), 'market', true)

  expect(error.kind).toBe('refused')
  expect(error.hint).toBe('check the credentials, and allow them s3:PutObject and s3:GetObject')
})

test('a role that may not be taken is a matter of credentials, and no answer of the store', () => {
  const said = 'User: arn:aws:iam::1:user/kx is not authorized to perform: sts:AssumeRole'

  expect(asCredentialsError(anSdkError(403, 'AccessDenied', said), 'market')).toMatchObject({
    kind: 'refused',
    message: `s3://market: credentials: ${said}`,
    hint: 'correct AWS_PROFILE or its role',
    isForNextStart: true,
  })
})

test('an error says one line, without what the SDK adds for programmers', () => {
  const page = anSdkError(503, 'Error', 'Unclosed tag\n  Deserialization error: to see the raw response, …')
  const [six, four] = ['connect ECONNREFUSED ::1:9000', 'connect ECONNREFUSED 127.0.0.1:9000']
  const both = new AggregateError([new Error(six), new Error(four)])

  expect(asStoreError(page, 'market').message).toBe('s3://market: 503')
  expect(asStoreError(both, 'market').message).toBe(`s3://market: ${six}, ${four}`)
  expect(asStoreError(anSdkError(500, 'InternalError', 'a\n  b'), 'market').message).toBe(
    's3://market: 500 InternalError: a b',
  )
})

test('what the store says stands behind its code', () => {
  const said = 'The AWS Access Key Id you provided does not exist in our records.'

  expect(asStoreError(anSdkError(403, 'InvalidAccessKeyId', said), 'market').message).toBe(
    `s3://market: 403 InvalidAccessKeyId: ${said}`,
  )
  expect(asStoreError(anSdkError(500, 'UnknownError'), 'market').message).toBe('s3://market: 500')
  expect(asStoreError(anSdkError(undefined, 'Error', 'connect ECONNREFUSED'), 'market').message).toBe(
    's3://market: connect ECONNREFUSED',
  )
})
