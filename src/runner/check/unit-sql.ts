import { identifier, literal } from '../../base/index.ts'
import { type Bound, boundValues, compileSql } from '../sql/index.ts'
import { jsonOf } from './given.ts'
import type { UnitCase } from './unit-case.ts'

/** The statement of a unit test, its values, and where the model's own SQL lies in it, in characters. */
export interface UnitSql {
  readonly text: string
  readonly values: readonly string[]
  readonly bodyAt: number
  readonly bodyEnd: number
}

const START: Bound = { from: 'start', offsetMs: 0, isDayAligned: false }
/** Where no column is named, no row may come: what comes is shown whole. */
const WHOLE_ROW = 'to_jsonb(kx_actual)'
const END: Bound = { from: 'end', offsetMs: 0, isDayAligned: false }

/**
 * One statement gives both sides, in order, as text: rows of `kx_side` and the expected columns. Expected values
 * become what the model's own columns are, so that `100` and `100.0` are one number and times are times.
 *
 * `type` names the columns' types, `outside` and `twice` count rows outside the hours and keys that repeat.
 */
export function unitSql({ test, model, range, columns, resolve }: UnitCase): UnitSql {
  const compiled = compileSql(model.rendered, resolve, { isWhole: range === undefined })
  const before = 'with kx_actual as materialized (\n'
  const cells = columns.length === 0 ? [WHOLE_ROW] : columns.map((name) => identifier(name))
  const branches = [
    `select 'type'${cells.map((cell) => `, pg_typeof((select ${cell} from kx_actual limit 1))::text`).join('')}`,
    `select 'actual'${cells.map((cell) => `, ${cell}::text`).join('')} from kx_actual`,
    `select 'expected', ${(columns.length === 0 ? ['row'] : columns).map((name) => `${identifier(name)}::text`).join(', ')} from kx_expected`,
    ...checks(model, compiled.bounds.length, cells.length),
  ]
  const expected = [
    `select ${cells.map((cell, i) => `${cell} as ${identifier(columns[i] ?? 'row')}`).join(', ')} from kx_actual where false`,
    ...test.expect.map(
      (row) => `select ${columns.map((name) => expectedLiteral(row[name], typeOf(model, name))).join(', ')}`,
    ),
  ]
  const bounds = range === undefined ? compiled.bounds : [...compiled.bounds, START, END]
  return {
    text: `${before}${compiled.text}
),
kx_expected as (
${expected.join('\nunion all\n')}
)
${branches.join('\nunion all\n').replace("'type'", "'type' as kx_side")}`,
    values: boundValues(bounds, range ?? { startMs: 0, endMs: 0 }),
    bodyAt: before.length + compiled.bodyOffset,
    bodyEnd: before.length + compiled.text.length,
  }
}

/** What production would refuse: the first cell of each row is the count. */
function checks({ config }: UnitCase['model'], bounds: number, cells: number): string[] {
  if (config.timeColumn === undefined || config.partition === undefined) return []
  const rest = ', null'.repeat(cells - 1)
  const time = identifier(config.timeColumn)
  const within = `${time} >= $${bounds + 1}::timestamptz and ${time} < $${bounds + 2}::timestamptz`
  const outside = `select 'outside', count(*)::text${rest} from kx_actual where not (${within})`
  if (config.strategy === 'append' || config.uniqueKey.length === 0) return [outside]
  const key = config.uniqueKey.map((name) => identifier(name))
  const isWhole = key.map((name) => `${name} is not null`).join(' and ')
  const twice = `select from kx_actual where ${isWhole} group by ${key.join(', ')} having count(*) > 1`
  return [outside, `select 'twice', count(*)::text${rest} from (${twice}) as kx_twice`]
}

function typeOf({ contract }: UnitCase['model'], name: string): string {
  return contract?.columns.find((column) => column.name === name)?.type ?? ''
}

/** An untyped literal, which the model's column gives its type. */
function expectedLiteral(value: unknown, type: string): string {
  if (value === undefined || value === null) return 'null'
  if (/^jsonb?$/i.test(type)) return jsonLiteral(value, type)
  if (Array.isArray(value) && type.endsWith('[]')) return literal(arrayText(value))
  return literal(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

/** A text that is JSON stays as it is written, for `json` compares by its text; a mapping looks as when it is given. */
function jsonLiteral(value: unknown, type: string): string {
  if (typeof value === 'string') return literal(jsonOf(value) === value ? JSON.stringify(value) : value)
  return `${literal(JSON.stringify(value))}${/^json$/i.test(type) ? '::jsonb::json' : ''}`
}

/** As Postgres writes arrays; quoted elements look as in JSON. */
function arrayText(values: readonly unknown[]): string {
  const elements = values.map((value) => {
    if (Array.isArray(value)) return arrayText(value)
    return value === null ? 'null' : JSON.stringify(String(value))
  })
  return `{${elements.join(',')}}`
}
