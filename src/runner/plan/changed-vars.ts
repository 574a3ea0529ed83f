/** What differs between the vars of two versions of a model's code: `lookback: 3 → 5`; undefined if nothing. */
export function changedVars(
  before: string | undefined,
  now: Readonly<Record<string, unknown>>,
): string | undefined {
  if (before === undefined) return undefined
  const old: Readonly<Record<string, unknown>> = JSON.parse(before)
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort()
  const told = names.flatMap((name) => {
    const [from, to] = [shown(old[name]), shown(now[name])]
    return from === to ? [] : [`${name}: ${from} → ${to}`]
  })
  return told.length === 0 ? undefined : told.join(', ')
}

function shown(value: unknown): string {
  if (value === undefined) return 'not used'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
