import { identifier, KxError, literal } from '../../base/index.ts'
import { type Csv, parseCsv, type Seed, type TextFile } from '../model/index.ts'

/**
 * The rows of a seed's CSV as one select. A column's type is the contract's, or else the narrowest that every value
 * fits: bigint, double precision, boolean, timestamptz, text.
 *
 * @throws {KxError} KX_SEED_INVALID at the line of the CSV.
 */
export function seedSql(seeds: readonly Seed[], files: readonly TextFile[], id: string): string {
  const seed = seeds.find((candidate) => candidate.id === id)
  const file = files.find((candidate) => candidate.file === seed?.file)
  if (seed === undefined || file === undefined) {
    throw new KxError('KX_REF_UNKNOWN', `${id} is no seed`, { hint: 'Run kx ls to see the names.' })
  }
  const csv = parseCsv(file.text, file.file)
  const types = csv.header.map(
    (name, i) => seed.contract?.columns.find((column) => column.name === name)?.type ?? inferredType(csv, i),
  )
  const columns = csv.header
    .map((name, i) => `${identifier(name)}::${types[i]} as ${identifier(name)}`)
    .join(', ')
  const rows = csv.rows.map(
    ({ fields }) => `(${fields.map((field) => (field === null ? 'null' : literal(field))).join(', ')})`,
  )
  const names = csv.header.map((name) => identifier(name)).join(', ')
  if (rows.length === 0) {
    const empty = csv.header.map(() => 'null').join(', ')
    return `select ${columns} from (values (${empty})) as seed (${names}) where false`
  }
  return `select ${columns} from (values\n${rows.join(',\n')}\n) as seed (${names})`
}

const SHAPES: readonly (readonly [string, RegExp])[] = [
  ['bigint', /^-?(0|[1-9]\d{0,17})$/],
  ['double precision', /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/],
  ['boolean', /^(true|false)$/i],
  ['timestamptz', /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)$/],
]

/** A column without any value is text. */
function inferredType({ rows }: Csv, column: number): string {
  const values = rows
    .map(({ fields }) => fields[column])
    .filter((value) => value !== null && value !== undefined)
  if (values.length === 0) return 'text'
  return SHAPES.find(([, shape]) => values.every((value) => shape.test(value)))?.[0] ?? 'text'
}
