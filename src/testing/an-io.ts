import { type Clock, systemClock } from '../base/index.ts'

/** What a command wrote, line by line, and the Io to run it with. */
export interface Recorded {
  readonly out: string[]
  readonly err: string[]
  readonly io: {
    readonly out: (line: string) => void
    readonly err: (line: string) => void
    readonly status: undefined
    readonly isColored: boolean
    readonly columns: number
    readonly logFormat: 'text' | 'json'
    readonly env: Readonly<Record<string, string | undefined>>
    readonly cwd: string
    readonly clock: Clock
    readonly signal: AbortSignal
  }
}

/** An Io that keeps what is written, without colours, a terminal or an environment. */
export function anIo(overrides: Partial<Recorded['io']> = {}): Recorded {
  const out: string[] = []
  const err: string[] = []
  return {
    out,
    err,
    io: {
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      status: undefined,
      isColored: false,
      columns: 100,
      logFormat: 'text',
      env: {},
      cwd: '/',
      clock: systemClock,
      signal: new AbortController().signal,
      ...overrides,
    },
  }
}
