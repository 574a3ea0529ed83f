import type { UnitTest } from '../model/index.ts'

/** More places than this help nobody. */
const MOST_NAMED = 3

/**
 * The cells of a unit test that hold what Postgres quotes at the end of `message`, as text: `row 2 of ref('x'),
 * column price`. Undefined if it quotes nothing that the test holds.
 */
export function namedCells(test: Pick<UnitTest, 'given' | 'expect'>, message: string): string | undefined {
  const quoted = /: "(.*)"$/s.exec(message)?.[1]
  if (quoted === undefined) return undefined
  const sides = [
    ...test.given.map(({ input, rows }) => ({ side: input, rows })),
    { side: 'expect', rows: test.expect },
  ]
  const cells = sides.flatMap(({ side, rows }) =>
    rows.flatMap((row, i) =>
      Object.entries(row).flatMap(([column, value]) =>
        textOf(value) === quoted ? [`row ${i + 1} of ${side}, column ${column}`] : [],
      ),
    ),
  )
  return cells.length === 0 ? undefined : cells.slice(0, MOST_NAMED).join('; ')
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
