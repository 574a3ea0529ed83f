import type { Io } from '../shared/io.ts'

/** Where a command writes. */
export interface CommandIo {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  /** Whether stderr is a terminal. */
  readonly isTty: boolean
  readonly columns: number
}

/** The terminal of `io`, for commands that draw a bar: what they write is passed on by the line. */
export function commandIo(io: Io): CommandIo {
  return {
    stdout: { write: (text) => io.out(text.replace(/\n$/, '')) },
    stderr: {
      write: (text) => {
        const bar = /^\r\x1b\[K(.*)$/s.exec(text)
        if (bar === null) io.err(text.replace(/\n$/, ''))
        else io.status?.(bar[1] ?? '')
      },
    },
    isTty: io.status !== undefined,
    columns: io.columns,
  }
}
