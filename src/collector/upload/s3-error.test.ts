import { expect, test } from 'vitest'
import { asStoreError, isAnswer } from './s3-error.ts'

/** As the SDK throws it: named for the code of the answer. */
function anSdkError(httpStatusCode: number | undefined, name: string, message = name): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } })
}

test.each([
  [404, 'NoSuchKey', true],
  [404, 'NotFound', true],
  [404, 'NoSuchBucket', false],
  [403, 'AccessDenied', true],
  [403, 'UnknownError', true],
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
  [400, 'AuthorizationHeaderMalformed', 'refused', /^correct collect\.s3\.region/],
  [409, 'ConditionalRequestConflict', 'unreachable', /^$/],
  [503, 'SlowDown', 'unreachable', /^$/],
  [undefined, 'TimeoutError', 'unreachable', /^check collect\.s3\.endpoint/],
])('%s %s is told as %s', (status, code, kind, hint) => {
  const error = asStoreError(anSdkError(status, code), 'market')

  expect(error.kind).toBe(kind)
  expect(error.hint ?? '').toMatch(hint)
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
