import type { Command } from 'commander'
import { type Run, withSelection } from './run.ts'

/** status, why, diff, ls. */
export function addLookCommands(program: Command, run: Run): void {
  withSelection(program.command('status').description('Show which hours are built, missing, stale or failed'))
    .option('--from <hour>', 'not before this hour')
    .option('--to <hour>', 'not after this hour')
    .option('--max-lag <time>', 'exit 1 and list what is behind, e.g. 2h')
    .action(run(async (io, options) => (await import('../status/status.ts')).statusCommand(io, options)))
  program
    .command('why')
    .description('Explain a partition: which input changed when, by which load, from which file and line')
    .argument('<model>', 'name of a model')
    .argument('[hour]', 'its hour or day')
    .action(
      run(async (io, options, [model = '', hour]) =>
        (await import('../why/why.ts')).whyCommand(io, model, hour, options),
      ),
    )
  program
    .command('diff')
    .description('Compare a model with the same model in another target')
    .argument('<model>', 'name of a model')
    .requiredOption('--against <target>', 'the other target')
    .option('-p, --partition <hours>', 'hour, day, month or range A..B in UTC')
    .option('--limit-rows <n>', 'rows to show of each kind', '5')
    .action(
      run(async (io, options, [model = '']) =>
        (await import('../diff/diff.ts')).diffCommand(io, model, options),
      ),
    )
  withSelection(program.command('ls').description('List the names that a selection stands for'))
    .option('--resource-type <kind>', 'model, seed, source, test or all')
    .action(run(async (io, options) => (await import('../ls/ls.ts')).lsCommand(io, options)))
}
