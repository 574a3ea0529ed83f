import type { Command } from 'commander'
import type { Run } from './run.ts'

/** warehouse start|stop|status|url|export|drop, and clean. */
export function addWarehouseCommands(program: Command, run: Run): void {
  const warehouse = program.command('warehouse').description('Look after the embedded warehouse')
  const add = (name: string, description: string) => warehouse.command(name).description(description)
  add('start', 'Start it and leave it running').action(action('start', run))
  add('stop', 'Stop it').action(action('stop', run))
  add('status', 'Where it is, whether it runs, who is connected').action(action('status', run))
  add('url', 'A URL for psql and other clients').action(action('url', run))
  add('export', 'Write every table as CSV into a directory')
    .argument('<directory>')
    .action(action('export', run))
  add('drop', 'Remove it and all its data').option('--yes', 'go ahead').action(action('drop', run))
  program
    .command('clean')
    .description("Drop the project's cache")
    .option('--relations', 'drop the tables of models that are gone, too')
    .option('--yes', 'go ahead')
    .action(run(async (io, options) => (await import('../clean/clean.ts')).cleanCommand(io, options)))
}

type Verb = 'start' | 'stop' | 'status' | 'url' | 'export' | 'drop'

function action(verb: Verb, run: Run) {
  return run(async (io, options, args) =>
    (await import('../warehouse/warehouse.ts')).warehouseCommand(io, verb, { options, args }),
  )
}
