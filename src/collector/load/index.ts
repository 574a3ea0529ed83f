export { type FormatName, formatNames } from '../formats/index.ts'
export type { LoadEvent, LoadOptions, LoadSummary } from './load-event.ts'
export { type LoadInput, loadFiles } from './load-files.ts'
export { type PruneEvent, prune } from './prune.ts'
