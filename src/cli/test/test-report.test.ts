import { expect, test } from 'vitest'
import { anIo } from '../../testing/an-io.ts'
import { openTestReport } from './test-report.ts'

test('the last line for machines counts the tests by how they ended', () => {
  const { io, out } = anIo({ logFormat: 'json' })

  openTestReport(io, { width: 0, isStoring: false }).close({ isInterrupted: false, durationMs: 7 })

  expect(out).toEqual([
    '{"type":"summary","passed":0,"warned":0,"failed":0,"errors":0,"duration_ms":7,"interrupted":false}',
  ])
})
