import type { AssertionEvent, UnitTestEvent } from '../../runner/check/index.ts'
import { duration, plural } from '../shared/format.ts'
import type { Io } from '../shared/io.ts'
import { eventLine } from '../shared/json-event.ts'
import { printAssertion } from './print-assertion.ts'
import { printUnitTest } from './print-unit-test.ts'
import type { TestReportOptions } from './report-options.ts'
import { assertionJson, unitTestJson } from './test-json.ts'

type TestEvent = AssertionEvent | UnitTestEvent

/** Prints tests as they end, one line each, and counts them. */
export interface TestReport {
  add(event: TestEvent): void
  /** Tests that failed or could not be run. */
  readonly failed: number
  /** Prints the summary and gives the exit code. */
  close(outcome: { isInterrupted: boolean; durationMs: number }): number
}

/** Opens the report of some tests. */
export function openTestReport(io: Io, options: TestReportOptions): TestReport {
  const totals = { pass: 0, warn: 0, fail: 0, error: 0 }
  return {
    get failed() {
      return totals.fail + totals.error
    },
    add(event) {
      totals[event.status]++
      if (io.logFormat === 'json') {
        io.out(JSON.stringify(event.type === 'assertion' ? assertionJson(event) : unitTestJson(event)))
      } else if (event.type === 'assertion') printAssertion(io, event, options)
      else printUnitTest(io, event, options)
    },
    close({ isInterrupted, durationMs }) {
      const { pass, warn, fail, error } = totals
      if (io.logFormat === 'json') {
        const counts = { passed: pass, warned: warn, failed: fail, errors: error }
        io.out(eventLine('summary', { ...counts, durationMs, interrupted: isInterrupted }))
      } else {
        const parts = [
          `${plural(pass, 'test')} passed`,
          ...(warn > 0 ? [`${warn} warned`] : []),
          ...(fail > 0 ? [`${fail} failed`] : []),
          ...(error > 0 ? [`${error} could not be run`] : []),
        ]
        io.out(`${isInterrupted ? 'interrupted  ' : ''}${parts.join(', ')} in ${duration(durationMs)}`)
      }
      if (isInterrupted) return 130
      return fail + error > 0 ? 1 : 0
    },
  }
}
