import { expect, test } from 'vitest'
import { HOUR_MS } from '../../base/index.ts'
import { aTest } from '../../testing/nodes.ts'
import { compileSql } from '../sql/index.ts'
import { countSql, hourValues } from './assertion-sql.ts'

const SQL = 'select * from input_0 where at < $1::timestamptz'

test('every hour is asked by itself, and positions still lead to the template', () => {
  const { rendered } = aTest('late', ['silver.trades'])
  const withBound = { ...rendered, sql: SQL, parameters: [{ from: 'end' as const, offsetMs: 0 }] }
  const compiled = compileSql(
    withBound,
    () => ({ kind: 'table', name: '"silver"."trades"', timeColumn: 'at' }),
    { isWhole: false },
  )

  const { text, bodyAt } = countSql(compiled)

  expect(text.slice(bodyAt, bodyAt + SQL.length)).toBe('select * from input_0 where at < kx_hours.bound1')
  expect(text.replace(/\s+/g, ' ')).toBe(
    'select kx_hours.n, kx_found.failures from unnest($1::integer[], $2::timestamptz[], $3::timestamptz[]) as kx_hours (n, bound1, bound2)' +
      ' cross join lateral ( select count(*) as failures from ( with "input_0" as not materialized (' +
      ' select * from "silver"."trades" where "at" >= kx_hours.bound2 and "at" < kx_hours.bound1 )' +
      ' select * from ( select * from input_0 where at < kx_hours.bound1 ) as kx_model ) as kx_failures ) as kx_found' +
      ' where kx_found.failures > 0 order by kx_hours.n',
  )
  expect(hourValues(compiled, [hour(0), hour(5)])).toEqual([
    [0, 1],
    ['1970-01-01T01:00:00.000Z', '1970-01-01T06:00:00.000Z'],
    ['1970-01-01T00:00:00.000Z', '1970-01-01T05:00:00.000Z'],
  ])
})

function hour(n: number) {
  return { startMs: n * HOUR_MS, endMs: (n + 1) * HOUR_MS }
}
