import type { Command } from 'commander'
import type { Run } from './run.ts'

const EXAMPLES = `
Examples:
  kx replay frames.jsonl --exchange kraken                    What a mapper makes of recorded frames
  kx replay frames.jsonl --exchange kraken --landing out/     The landing that they give
  kx replay frames.jsonl --exchange binance_us --load         All the way into bronze
`

/** replay. */
export function addReplayCommands(program: Command, run: Run): void {
  program
    .command('replay')
    .description('Take recorded frames through mapper, landing and loader, without a network')
    .argument('<file...>', 'JSON lines, one frame each: bare, or {"recv_s", "raw"}')
    .requiredOption('--exchange <id>', 'exchange that the frames are of')
    .option('--landing <dir>', 'write what they give below this directory')
    .option('--load', "load it into bronze (landing: the project's own, without --landing)")
    .addHelpText('after', EXAMPLES)
    .action(
      run(async (io, options, files) =>
        (await import('../replay/replay.ts')).replayCommand(io, files, options),
      ),
    )
}
