export type { CommandIo } from './io.ts'
export { type LoadCommand, loadCommand } from './load-command.ts'
export { type PruneCommand, pruneCommand } from './prune-command.ts'
