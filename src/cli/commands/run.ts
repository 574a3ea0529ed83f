import type { Command } from 'commander'
import type { Io } from '../shared/io.ts'

/** An action of a command: does it and gives the exit code. */
export type Action = (io: Io, options: Record<string, never>, args: readonly string[]) => Promise<number>

/** Ties an action to a command; main() decides how it is run and how its errors are shown. */
export type Run = (action: Action) => (this: Command, ...args: unknown[]) => Promise<void>

/** Options of commands that choose models. */
export function withSelection(command: Command): Command {
  return command
    .option(
      '-s, --select <selector...>',
      'NAME, LAYER, tag:TAG, path:GLOB …; + before adds parents, + after children',
    )
    .option('--exclude <selector...>', 'the same grammar, taken away')
    .option('--strict', 'exit 2 if nothing is selected')
}

/** Options of commands that choose hours; `also` is what else --partition takes. */
export function withHours(command: Command, also = ''): Command {
  return command
    .option('-p, --partition <hours>', `hour, day, month or range A..B in UTC${also}`)
    .option('--from <hour>', 'not before this hour')
    .option('--to <hour>', 'not after this hour')
}
