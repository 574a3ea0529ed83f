import type { Io } from '../shared/io.ts'

/** Where a command writes. */
export interface CommandIo {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  /** Whether stderr is a terminal. */
  readonly isTty: boolean
  readonly columns: number
}

/** How a progress bar is drawn over itself. */
const BAR = '\r\u001b[K'

/** The terminal of `io`, for commands that draw a bar: what they write is passed on by the line. */
export function commandIo(io: Io): CommandIo {
  return {
    stdout: { write: (text) => io.out(text.replace(/\n$/, '')) },
    stderr: {
      write: (text) => {
        if (text.startsWith(BAR)) io.status?.(text.slice(BAR.length))
        else io.err(text.replace(/\n$/, ''))
      },
    },
    isTty: io.status !== undefined,
    columns: io.columns,
  }
}
