import type { Command } from 'commander'
import type { Run } from './run.ts'

const EXAMPLES = `
Examples:
  kx collect --dry-run                              What would be collected, and by whom
  kx collect                                        Everything that project.yml lists
  kx collect --exchanges kraken --symbols 'BTC%'    A part of it
`

/** collect. */
export function addCollectCommands(program: Command, run: Run): void {
  program
    .command('collect')
    .description('Listen to exchanges, land every message once, load it into bronze; until it is stopped')
    .option('--exchanges <list>', 'these alone: kraken,binance_us')
    .option('--symbols <list>', 'these alone: names or LIKE patterns, any case: BTC-USD,eth%')
    .option('--duration <time>', 'stop after 90s, 30m, 2h, 1d')
    .option('--dry-run', 'print connections, subscriptions and workers; touch no network')
    .option('--no-load', 'leave the landing as it is: no warehouse is needed, and nothing is repaired')
    .option('--no-upload', 'send nothing to the store')
    .option(
      '--retain <time>',
      'delete parts so long after their hour, once they are loaded (and uploaded): 90d',
    )
    .option('--plan-input <file>', 'share feeds among workers as this plan says (.kx/collect/plan.json)')
    .option('--workers <n>', 'most worker processes (default: cores and exchanges, up to 8)')
    .option('--port <n>', 'loopback port of /healthz, /readyz and /metrics; 0: any free one')
    .addHelpText('after', EXAMPLES)
    .action(run(async (io, options) => (await import('../collect/collect.ts')).collectCommand(io, options)))
}
