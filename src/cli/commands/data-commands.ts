import type { Command } from 'commander'
import type { Run } from './run.ts'

const LOAD_EXAMPLES = `
Examples:
  kx load archive/                                       Every file below that kx knows
  kx load x.csv --exchange coinbase --symbol BTC-USD --quote USD
  kx load .kx/landing                                    What kx collect --no-load landed
  kx load s3://bucket/prefix --partition 2024-05-01      A day of it, from the store
`

/** demo, load, prune. */
export function addDataCommands(program: Command, run: Run): void {
  program
    .command('demo')
    .description('Make a day of simulated market and take it from candles to completeness, offline')
    .option('--seed <n>', 'seed of the market', '7')
    .action(run(async (io, options) => (await import('../demo/demo.ts')).demoCommand(io, options)))
  program
    .command('load')
    .description('Bring candles into bronze: landing files, exchange archives, CSV; each line once')
    .argument('<path...>', 'files, directories, zips, globs, or s3://bucket/prefix')
    .option('-p, --partition <hours>', 'of a bucket: hour, day, month or range A..B in UTC')
    .option('--format <name>', 'landing, binance, kraken or csv (default: recognised by content)')
    .option('--exchange <id>', 'exchange of the file, for CSV')
    .option('--symbol <symbol>', 'canonical symbol, for CSV: BTC-USD')
    .option('--quote <asset>', 'real quote asset, for CSV: USDT')
    .option('--native-symbol <symbol>', "the exchange's own name, for CSV")
    .option('--complete', 'a CSV has every minute that had a trade: silence proves the rest quiet')
    .option('--again', 'replace the rows of these files')
    .option('--fail-on-bad-lines', 'exit 1 if a line could not be read')
    .addHelpText('after', LOAD_EXAMPLES)
    .action(
      run(async (io, options, paths) => (await import('../load/load.ts')).loadCommand(io, paths, options)),
    )
  program
    .command('prune')
    .description('Retire old bronze rows; what was built from them stays')
    .requiredOption('--before <hour>', 'first hour to keep')
    .option('--yes', 'go ahead')
    .action(run(async (io, options) => (await import('../load/prune.ts')).pruneCommand(io, options)))
}
