/** How tests are printed. */
export interface TestReportOptions {
  /** Length of the longest name. */
  readonly width: number
  /** Whether wrong rows are kept in kx_audit. */
  readonly isStoring: boolean
}

/** The colour of each status. */
export const STATUS_STYLES = { pass: 'green', warn: 'yellow', fail: 'red', error: 'red' } as const
