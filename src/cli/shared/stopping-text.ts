/** What a command does once it is told to stop, where it is no transaction that is undone. */
const STOPPING: Readonly<Record<string, (argv: readonly string[]) => string>> = {
  collect: collectStops,
  backfill: () => 'stopping: what was answered is kept',
  simulate: () => 'stopping',
}

/** What is said at the first signal: what the command does now, and what a second one does. */
export function stoppingText(argv: readonly string[]): string {
  const [, stops] = Object.entries(STOPPING).find(([command]) => argv.includes(command)) ?? []
  return `${stops?.(argv) ?? 'interrupted: what is under way is rolled back'}; once more to stop at once`
}

function collectStops(argv: readonly string[]): string {
  const readers = [
    ...(argv.includes('--no-load') ? [] : ['loaded']),
    ...(argv.includes('--no-upload') ? [] : ['uploaded']),
  ]
  const then = readers.length === 0 ? '' : `, then ${readers.join(' and ')} for at most 20 s`
  return `stopping: what was received is synced${then}`
}
