import { expect, test } from 'vitest'
import { KxError } from '../../base/index.ts'
import { anIo } from '../../testing/an-io.ts'
import { SqlError } from '../../warehouse/index.ts'
import { reportError } from './report-error.ts'

function refused(sqlstate: string): SqlError {
  const nothing = { position: undefined, detail: undefined, hint: undefined, constraint: undefined }
  return new SqlError('could not extend file', {
    sqlstate,
    ...nothing,
    schema: undefined,
    table: undefined,
    column: undefined,
  })
}

test.each([
  ['53100', 'Free space on the disk'],
  ['53200', 'Give the server the memory'],
  ['58030', "Look into the server's log"],
  ['42501', 'Grant this role the rights'],
])('what a server lacks or forbids (%s) is told with what to do, not as a fault of kx', (sqlstate, hint) => {
  const { io, err } = anIo()

  const code = reportError(io, refused(sqlstate))

  expect(code).toBe(1)
  expect(err).toEqual([
    'error KX_SQL_FAILED',
    '  could not extend file',
    expect.stringContaining(`→ ${hint}`),
  ])
})

test('any other refusal of a statement of its own is a fault of kx', () => {
  const { io, err } = anIo()

  expect(reportError(io, refused('42601'))).toBe(70)
  expect(err.join('\n')).toContain('This is a fault of kx')
})

test('for machines an error is one line, with its place if it has one', () => {
  const { io, out, err } = anIo({ logFormat: 'json' })
  const at = { file: 'a.yml', line: 2, column: 1, frame: '> 2 | a' }

  const codes = [
    reportError(io, new KxError('KX_CONFIG_INVALID', 'wrong', { hint: 'Right it.', at })),
    reportError(io, new KxError('KX_USAGE', 'wrong')),
    reportError(io, 'a fault'),
  ]

  expect([codes, err]).toEqual([[2, 2, 70], []])
  expect(out).toEqual([
    '{"type":"error","code":"KX_CONFIG_INVALID","message":"wrong","hint":"Right it.",' +
      '"at":{"file":"a.yml","line":2,"column":1,"frame":"> 2 | a"}}',
    '{"type":"error","code":"KX_USAGE","message":"wrong"}',
    '{"type":"error","code":"BUG","message":"a fault"}',
  ])
})
