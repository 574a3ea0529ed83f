/**
 * The shortest circle through the first id that lies on one, its first id repeated at the end:
 * `['a', 'b', 'a']`. Empty when there is none.
 *
 * `ids` and what `next` gives are taken in their order, so the same graph always names the same circle.
 */
export function findCircle(ids: readonly string[], next: (id: string) => readonly string[]): string[] {
  for (const start of ids) {
    const circle = circleThrough(start, next)
    if (circle.length > 0) return circle
  }
  return []
}

function circleThrough(start: string, next: (id: string) => readonly string[]): string[] {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (const id of queue) {
    for (const reached of next(id)) {
      if (reached === start) return pathTo(id, start, cameFrom)
      if (cameFrom.has(reached)) continue
      cameFrom.set(reached, id)
      queue.push(reached)
    }
  }
  return []
}

function pathTo(last: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const path = [start]
  for (let id: string | undefined = last; id !== undefined && id !== start; id = cameFrom.get(id)) {
    path.unshift(id)
  }
  return [start, ...path]
}
