import type { Command } from 'commander'
import type { Run } from './run.ts'

const EXAMPLES = `
Examples:
  kx simulate                                              Until Ctrl-C, at the machine's pace
  kx simulate --speed 60 --duration 3h                     Three hours in three minutes
  kx simulate --candles archive/ --seed 1                  Real candles, shifted to now
  kx simulate --fault close-every=30s --fault drop=1/min   What goes wrong; docs/simulator.md has all kinds
  kx simulate --faults-seed 3 --faults-rate 5/min          Anything goes wrong
  kx simulate --truth 2024-05-01T13 --symbol BTC-USD       The candles of an hour, without a server
`

/** simulate. */
export function addSimulateCommands(program: Command, run: Run): void {
  program
    .command('simulate')
    .description(
      'Serve simulated exchanges on loopback ports, with faults on demand, to try and test the collector',
    )
    .option('--seed <n>', 'seed of the market', '7')
    .option(
      '--candles <path...>',
      'trade as archives or CSV say, over and over; other instruments by the seed',
    )
    .option('--port <n>', 'port of the controls, the next three are exchanges (default: any)')
    .option('--duration <time>', 'stop after 10m, 3h … of its own time (default: on a signal)')
    .option('--speed <n>', 'times as fast as the machine; the collector is told by KX_CLOCK')
    .option('--skew <time>', "how far the exchanges' clocks are ahead: 2s, -0.5s … (default: not)")
    .option('--no-limits', "do not enforce the exchanges' limits of requests and connects")
    .option('--fault <fault...>', 'KIND, KIND=VALUE or KIND=RATE/min, with ,field=value…')
    .option('--faults-seed <n>', 'seed of where and when faults act (default: --seed)')
    .option('--faults-rate <rate>', 'random faults of all kinds: 5/min')
    .option('--log <file>', 'keep what was sent, as JSON lines')
    .option('--print-env', 'print only the export lines for a shell')
    .option('--truth <hours>', 'print the candles of hours A..B, and serve nothing')
    .option('--exchange <id>', 'only instruments of this exchange')
    .option('--symbol <symbol>', 'only this one: BTC-USD, BTCUSDT')
    .option('--format <name>', 'of --truth: csv or json', 'csv')
    .addHelpText('after', EXAMPLES)
    .action(
      run(async (io, options) => (await import('../simulate/simulate.ts')).simulateCommand(io, options)),
    )
}
