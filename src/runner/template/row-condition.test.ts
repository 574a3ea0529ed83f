import { expect, test } from 'vitest'
import { aTest } from '../../testing/nodes.ts'
import { rowConditionOf } from './row-condition.ts'

const { rendered } = aTest('bounds', ['silver.trades'])
const [binding] = rendered.bindings
const condition = (sql: string) =>
  rowConditionOf({ ...rendered, sql: sql.replaceAll('INPUT', binding?.name ?? '') })?.sql

test.each([
  ['select * from INPUT where (low <= high) is not true', '(low <= high) is not true'],
  ['SELECT at, low\nFROM INPUT\nWHERE low > high -- never;\n;', 'low > high'],
  [
    "select at from INPUT where kind = 'group' and INPUT.low > 1",
    `kind = 'group' and ${binding?.name}.low > 1`,
  ],
])('%j looks at each row by itself', (sql, expected) => {
  expect(condition(sql)).toBe(expected)
})

test.each([
  ['select * from INPUT', 'no condition'],
  ['select * from other where low > high', 'another relation'],
  ['select * from INPUT as i where low > high', 'an alias'],
  ['select * from INPUT where low > high limit 10', 'fewer rows'],
  ['select at, count(*) from INPUT where low > high group by at having count(*) > 1', 'groups'],
  ['select distinct at from INPUT where low > high', 'fewer rows'],
  ['select unnest(sizes) from INPUT where low > high', 'perhaps more rows, or none'],
  ['select * from INPUT where low > high union all select * from INPUT where low < 0', 'two selects'],
  ['select * from INPUT where exists (select from INPUT as other)', 'a select inside'],
  ['with bad as (select * from INPUT where low > 1) select * from bad', 'a with'],
])('%j does not: %s', (sql) => {
  expect(condition(sql)).toBeUndefined()
})

test('nor does what asks for bounds, or reads two relations', () => {
  const sql = `select * from ${binding?.name} where low > high`

  expect(rowConditionOf({ ...rendered, sql, parameters: [{ from: 'end', offsetMs: 0 }] })).toBeUndefined()
  expect(rowConditionOf({ ...aTest('two', ['silver.a', 'silver.b']).rendered, sql })).toBeUndefined()
})
