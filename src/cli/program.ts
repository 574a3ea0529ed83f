import { Command, Option } from 'commander'
import { addBackfillCommands } from './commands/backfill-commands.ts'
import { addBuildCommands } from './commands/build-commands.ts'
import { addCollectCommands } from './commands/collect-commands.ts'
import { addDataCommands } from './commands/data-commands.ts'
import { addDeadLettersCommands } from './commands/dead-letters-commands.ts'
import { addLookCommands } from './commands/look-commands.ts'
import { addReplayCommands } from './commands/replay-commands.ts'
import type { Run } from './commands/run.ts'
import { addSimulateCommands } from './commands/simulate-commands.ts'
import { addWarehouseCommands } from './commands/warehouse-commands.ts'
import { addWorkerCommands } from './commands/worker-commands.ts'
import { version } from './shared/version.ts'

const EXAMPLES = `
Examples:
  kx demo                                           A day of simulated market, from candles to completeness
  kx load archive/BTCUSDT-1m-2023-03-10.zip         Bring candles into bronze
  kx collect                                        Listen to exchanges until it is stopped
  kx run                                            Build everything missing, stale or failed
  kx run --select silver+ --partition 2024-05-01T13 Build that hour, whatever its state
  kx status                                         The grid of hours
  kx why fact_ohlcv 2024-05-01T13                   Which file and line made that hour what it is
`

/** The whole command line. Commands import what they need when they run: help starts in no time. */
export function buildProgram(run: Run): Command {
  const program = new Command('kx')
    .description(
      'The market-data warehouse one person can run: SQL models built hour by hour, provably complete.',
    )
    .version(version)
    .option('--project-dir <dir>', 'project directory (default: here or the nearest above)')
    .option(
      '-t, --target <name>',
      'target of project.yml (default: DATABASE_URL if set, else default_target)',
    )
    .option('--threads <n>', 'steps at a time (default: cores, up to 4)')
    .option('--vars <vars>', 'variables, as JSON or name=value,name=value')
    .addOption(
      new Option('--log-format <format>', 'text, or json: one event a line')
        .choices(['text', 'json'])
        .default('text'),
    )
    .option('--no-color', 'no colours (NO_COLOR does the same)')
    .addHelpText('after', EXAMPLES)
    .helpCommand(false)
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false })
  addBuildCommands(program, run)
  addLookCommands(program, run)
  addCollectCommands(program, run)
  addBackfillCommands(program, run)
  addDataCommands(program, run)
  addDeadLettersCommands(program, run)
  addSimulateCommands(program, run)
  addReplayCommands(program, run)
  addWarehouseCommands(program, run)
  addWorkerCommands(program, run)
  return program
}
