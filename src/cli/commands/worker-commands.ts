import type { Command } from 'commander'
import type { Run } from './run.ts'

/** collect-worker: what `kx collect` starts, one process per shard of feeds. Nobody types it. */
export function addWorkerCommands(program: Command, run: Run): void {
  program
    .command('collect-worker', { hidden: true })
    .description('Collect what a supervisor says, until it says stop')
    .action(
      run(async (io) => {
        const { keepHeapSmall } = await import('../shared/small-heap.ts')
        keepHeapSmall()
        return (await import('../../collector/worker/worker-main.ts')).workerMain(process, io.clock)
      }),
    )
}
