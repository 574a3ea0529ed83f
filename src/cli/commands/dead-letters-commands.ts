import type { Command } from 'commander'
import type { Run } from './run.ts'

const EXAMPLES = `
Examples:
  kx dead-letters list                      What could not be read, by exchange or file, and why
  kx dead-letters replay                    Read it again, with the kx that is installed now
  kx dead-letters replay --exchange kraken  One exchange alone
`

/** dead-letters list, dead-letters replay. */
export function addDeadLettersCommands(program: Command, run: Run): void {
  const letters = program
    .command('dead-letters')
    .description('Frames and lines that could not be read: look at them, and read them once more')
    .addHelpText('after', EXAMPLES)
  letters
    .command('list')
    .description('Count them by exchange or file and reason, with an example of each')
    .option('--exchange <id>', 'of this exchange alone')
    .action(
      run(async (io, options) =>
        (await import('../dead-letters/list.ts')).listDeadLettersCommand(io, options),
      ),
    )
  letters
    .command('replay')
    .description('Read frames with the mappers as they are now, and land what they give; each once')
    .option('--exchange <id>', 'of this exchange alone')
    .action(
      run(async (io, options) =>
        (await import('../dead-letters/replay.ts')).replayDeadLettersCommand(io, options),
      ),
    )
}
