import { expect, test } from 'vitest'
import { KxError, placedAt, withPlace } from './error.ts'

const PLACE = { file: 'models/silver/one.sql', line: 3, column: 5, frame: '> 3 | select' }
const cause = new Error('of it')

const whole = new KxError('KX_USAGE', 'wrong', { hint: 'Right it.', at: { file: 'a.yml' }, cause })

test.each([
  ['everything an error can hold', whole],
  ['a code and a message alone', new KxError('KX_USAGE', 'wrong')],
])('an error with %s keeps it at another place', (_, error) => {
  const { code, message, hint } = error

  const placed = placedAt(error, PLACE)

  expect(placed).toBeInstanceOf(KxError)
  expect({ ...placed, message: placed.message, cause: placed.cause }).toEqual({
    ...{ name: 'KxError', code, message, hint, cause: error.cause },
    at: PLACE,
  })
})

test('an error without a place gets one; one that has a place, and any other error, stay the same', () => {
  const bare = new KxError('KX_USAGE', 'wrong', { hint: 'Right it.', cause })

  expect(withPlace(bare, PLACE)).toMatchObject({ message: 'wrong', hint: 'Right it.', at: PLACE, cause })
  expect(withPlace(whole, PLACE)).toBe(whole)
  expect(withPlace(cause, PLACE)).toBe(cause)
})
