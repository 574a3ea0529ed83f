import type { Command } from 'commander'
import type { Run } from './run.ts'

/** collect-worker: what `kx collect` starts, one process per shard of feeds. Nobody types it. */
export function addWorkerCommands(program: Command, run: Run): void {
  program
    .command('collect-worker', { hidden: true })
    .argument('[kind]', 'of its feeds: candles or ticks')
    .description('Collect what a supervisor says, until it says stop')
    .action(
      run(async (io, _, [kind]) => {
        const { keepCodeSmall, keepHeapSmall } = await import('../shared/small-heap.ts')
        keepHeapSmall()
        if (kind === 'candles') keepCodeSmall()
        return (await import('../../collector/worker/worker-main.ts')).workerMain(process, io.clock)
      }),
    )
}
