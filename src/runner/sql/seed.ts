import { identifier, literal } from '../../base/index.ts'
import { type Contract, parseCsv, type TextFile } from '../model/index.ts'

/**
 * A seed's CSV as SQL. Types come from its contract, otherwise from the values: boolean, bigint, double
 * precision, timestamptz or text. An empty field is null.
 *
 * @throws {KxError} KX_SEED_INVALID
 */
export function seedSql({ file, text }: TextFile, contract: Contract | undefined): string {
  const { header: columns, rows: lines } = parseCsv(text, file)
  const rows = lines.map(({ fields }) => fields)
  const types = columns.map((name, i) => {
    const promised = contract?.columns.find((column) => column.name === name)
    return promised?.type ?? inferType(rows.map((row) => row[i] ?? null))
  })
  const names = columns.map((name, i) => `${identifier(name)}::${types[i]} as ${identifier(name)}`).join(', ')
  const aliases = columns.map((name) => identifier(name)).join(', ')
  if (rows.length === 0)
    return `select ${columns.map((name, i) => `null::${types[i]} as ${identifier(name)}`).join(', ')} where false`
  const values = rows.map(
    (row) => `(${row.map((value) => (value === null ? 'null' : literal(value))).join(', ')})`,
  )
  return `select ${names} from (values\n${values.join(',\n')}\n) as kx_seed (${aliases})`
}

const TYPES: readonly [string, RegExp][] = [
  ['boolean', /^(true|false)$/i],
  ['bigint', /^-?\d{1,18}$/],
  ['double precision', /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/],
  ['timestamptz', /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?$/],
]

function inferType(values: readonly (string | null)[]): string {
  const present = values.filter((value) => value !== null)
  if (present.length === 0) return 'text'
  return TYPES.find(([, pattern]) => present.every((value) => pattern.test(value)))?.[0] ?? 'text'
}
