import type { Command } from 'commander'
import type { Run } from './run.ts'

const EXAMPLES = `
Examples:
  kx backfill                                         The last 24 settled hours, every instrument
  kx backfill --partition 2024-05-01                  A day
  kx backfill --from 2024-05-01T06 --to 2024-05-01T11 --exchanges kraken --symbols 'BTC%'

Exit code 0: all are final; 1: minutes stay open; 3: the warehouse is out of reach.
`

/** backfill. */
export function addBackfillCommands(program: Command, run: Run): void {
  program
    .command('backfill')
    .description('Ask exchanges by REST for every expected minute that has no final candle')
    .option('-p, --partition <hours>', 'hour, day, month or range A..B in UTC')
    .option('--from <hour>', 'not before this hour (default: 24 hours)')
    .option('--to <hour>', 'not after this hour (default: the last one that is settled)')
    .option('--exchanges <list>', 'these alone: kraken,binance_us')
    .option('--symbols <list>', 'these alone: names or LIKE patterns, any case: BTC-USD,eth%')
    .addHelpText('after', EXAMPLES)
    .action(
      run(async (io, options) => (await import('../backfill/backfill.ts')).backfillCommand(io, options)),
    )
}
