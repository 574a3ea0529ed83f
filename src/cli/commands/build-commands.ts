import type { Command } from 'commander'
import { type Run, withHours, withSelection } from './run.ts'

/** run, plan, build, test, verify. */
export function addBuildCommands(program: Command, run: Run): void {
  buildOptions(program.command('run').description('Build models, hour by hour, parents first'))
    .option('--limit <n>', 'stop after n steps')
    .option('--batch <n>', 'most hours in one statement (default: what each model allows)')
    .option('--fail-fast', 'stop at the first failure')
    .addHelpText(
      'after',
      `
Examples:
  kx run
  kx run --select silver+ --partition 2024-05-01T13
  kx run -s +ohlcv_5m -p 2024-05-01T00..2024-05-01T23
`,
    )
    .action(run(async (io, options) => (await import('../run/run.ts')).runCommand(io, options)))
  buildOptions(program.command('plan').description('Show what run would do, and why; build nothing')).action(
    run(async (io, options) => (await import('../plan/plan.ts')).planCommand(io, options)),
  )
  buildOptions(program.command('build').description('Build models and run their tests, in graph order'))
    .option('--fail-fast', 'stop at the first failure')
    .option('--limit-rows <n>', 'failing rows to show for each test', '5')
    .action(run(async (io, options) => (await import('../build/build.ts')).buildCommand(io, options)))
  withHours(withSelection(program.command('test').description('Run assertions and unit tests')))
    .option('--unit', 'unit tests only')
    .option('--data', 'assertions only')
    .option('--store-failures', 'copy failing rows to kx_audit')
    .option('--limit-rows <n>', 'failing rows to show for each test', '5')
    .action(run(async (io, options) => (await import('../test/test.ts')).testCommand(io, options)))
  withHours(
    withSelection(
      program.command('verify').description('Build twice and compare, in a rolled-back transaction'),
    ),
  ).action(run(async (io, options) => (await import('../verify/verify.ts')).verifyCommand(io, options)))
}

function buildOptions(command: Command): Command {
  return withHours(withSelection(command), ', or a state: stale, missing, failed')
    .option('--full-refresh', 'rebuild every hour of the selection')
    .option('--allow-partial', 'build the running hour too, marked partial')
    .option('--defer <target>', 'read parents that are not built here from another target')
    .option('--force', 'build frozen hours too, from what is left of their inputs')
    .option('--yes', 'go ahead where kx would ask')
}
