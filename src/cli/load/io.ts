/** Where a command writes. */
export interface CommandIo {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  /** Whether stderr is a terminal. */
  readonly isTty: boolean
  readonly columns: number
}
