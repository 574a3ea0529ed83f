import { type KxError, partitionKey } from '../../base/index.ts'
import type { AssertionEvent, Cells, UnitTestEvent } from '../../runner/check/index.ts'
import { rangeText } from '../shared/format.ts'

/** One stable line for an assertion. */
export function assertionJson(event: AssertionEvent): object {
  const { assertion, status, partitions, grain, startMs, endMs, failures, failedIn, durationMs } = event
  const { sample, error } = event
  return {
    type: 'assertion',
    name: assertion.name,
    model: assertion.model,
    status,
    severity: assertion.severity,
    range: rangeText(startMs, endMs),
    partitions,
    failures,
    failed_in: failedIn.map((one) => (Number.isNaN(one.startMs) ? 'once' : partitionKey(one.startMs, grain))),
    rows: sample?.rows.map((row) => rowJson(sample.columns, row)),
    duration_ms: durationMs,
    at: assertion.at,
    error: errorJson(error),
  }
}

/** One stable line for a unit test. */
export function unitTestJson(event: UnitTestEvent): object {
  const { test, model, status, durationMs, difference, problem, error } = event
  const columns = difference?.columns ?? []
  return {
    type: 'unit_test',
    name: test.name,
    model,
    status,
    problem,
    missing: difference?.missing.map((row) => rowJson(columns, row)),
    unexpected: difference?.unexpected.map((row) => rowJson(columns, row)),
    different: difference?.different.map(({ expected, actual }) => ({
      expected: rowJson(columns, expected),
      actual: rowJson(columns, actual),
    })),
    duration_ms: durationMs,
    at: test.at,
    error: errorJson(error),
  }
}

function rowJson(columns: readonly string[], row: Cells): object {
  return Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null]))
}

function errorJson(error: KxError | undefined): object | undefined {
  return error && { code: error.code, message: error.message, hint: error.hint, at: error.at }
}
