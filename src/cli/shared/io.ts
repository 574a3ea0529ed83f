import { styleText } from 'node:util'
import { type Clock, once } from '../../base/index.ts'
import { clockOf } from './clock.ts'

/** Where a command's words go, and what it may know of the terminal. */
export interface Io {
  /** Data: what a pipe wants. One line, without its line end. */
  readonly out: (line: string) => void
  /** Talk: progress, warnings, errors. */
  readonly err: (line: string) => void
  /** Replaces the progress line, or lines, on a terminal; undefined where there is none. */
  readonly status: ((line: string) => void) | undefined
  readonly isColored: boolean
  readonly columns: number
  readonly logFormat: 'text' | 'json'
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Of a terminal that does not say its size. */
const [COLUMNS, ROWS] = [100, 24]

/** The process's own streams. NO_COLOR and pipes get no colour; JSON logs get no progress line. */
export function processIo(logFormat: 'text' | 'json', signal: AbortSignal): Io {
  const isTerminal = process.stderr.isTTY === true && logFormat === 'text'
  // Asked for by a command: what is wrong with KX_CLOCK is an error like any other.
  const clock = once(() => clockOf(process.env))
  let shown = 0
  const clear = () => {
    if (shown > 0) process.stderr.write(eraseLines(shown))
    shown = 0
  }
  return {
    out: (line) => {
      clear()
      process.stdout.write(`${line}\n`)
    },
    err: (line) => {
      clear()
      process.stderr.write(`${line}\n`)
    },
    status: isTerminal
      ? (line) => {
          // A terminal without a size (a serial console, a container's) says 0.
          const [columns, rows] = [process.stderr.columns || COLUMNS, process.stderr.rows || ROWS]
          // What scrolled away cannot be drawn over.
          const lines = line
            .split('\n')
            .slice(0, rows - 1)
            .map((one) => one.slice(0, columns - 1))
          process.stderr.write(`${eraseLines(shown)}${lines.join('\n')}`)
          shown = line === '' ? 0 : lines.length
        }
      : undefined,
    isColored: process.stdout.isTTY === true && isColorWanted(process.env),
    columns: process.stdout.columns || COLUMNS,
    logFormat,
    env: process.env,
    cwd: process.cwd(),
    get clock() {
      return clock()
    },
    signal,
  }
}

/** Back to the start of the first of so many lines, with nothing behind it. */
function eraseLines(count: number): string {
  return count > 1 ? `\r\x1b[${count - 1}A\x1b[J` : '\r\x1b[2K'
}

/** https://no-color.org: any value that is not empty. */
function isColorWanted(env: Readonly<Record<string, string | undefined>>): boolean {
  return (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'
}

type Style = Parameters<typeof styleText>[0]

/** `text` in a style, where colours are wanted. */
export function paint(io: Pick<Io, 'isColored'>, style: Style, text: string): string {
  return io.isColored ? styleText(style, text, { validateStream: false }) : text
}
