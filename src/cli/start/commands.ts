/**
 * Commands that a person waits for: V8's code of them is kept from one start to the next, in a directory of this name.
 * A list, for nothing that somebody types may become a path.
 */
export const SHORT_COMMANDS: ReadonlySet<string> = new Set([
  'backfill',
  'build',
  'clean',
  'dead-letters',
  'demo',
  'diff',
  'load',
  'ls',
  'plan',
  'prune',
  'replay',
  'run',
  'simulate',
  'status',
  'test',
  'verify',
  'warehouse',
  'why',
])

/** Commands that run for months: they set flags of V8, and code that was made under other flags is of no use. */
export const SERVICES: ReadonlySet<string> = new Set(['collect', 'collect-worker'])
