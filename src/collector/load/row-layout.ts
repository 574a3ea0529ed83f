import { KxError } from '../../base/index.ts'
import type { SourceTable } from '../../warehouse/index.ts'

/** What a cell of bronze is. */
export type CellType = 'text' | 'double' | 'whole' | 'time' | 'boolean' | 'json'

/** A column that the loader fills. */
export interface RowColumn<Name extends string = string> {
  readonly name: Name
  readonly type: CellType
}

/** Bytes of each whole-number column, as the contract types it; 8 for all others. */
export type ColumnSizes = (name: string) => 4 | 8

/** Where a row came from: the last columns of every table. */
export const lineageColumns = [
  { name: 'loaded_at', type: 'time' },
  { name: 'load_id', type: 'whole' },
  { name: 'landing_file', type: 'text' },
  { name: 'landing_line', type: 'whole' },
] as const satisfies readonly RowColumn[]

const patterns: Readonly<Record<CellType, RegExp>> = {
  whole: /^(bigint|int8|integer|int|int4)$/,
  time: /^(timestamptz|timestamp with time zone)$/,
  double: /^(double precision|float8)$/,
  boolean: /^bool(ean)?$/,
  text: /^text$/,
  json: /^jsonb$/,
}
const names: Readonly<Record<CellType, string>> = {
  whole: 'bigint',
  time: 'timestamptz',
  double: 'double precision',
  boolean: 'boolean',
  text: 'text',
  json: 'jsonb',
}

/**
 * Checks that `table` has every one of `columns`, in types that their binary form fits.
 *
 * @throws {KxError} KX_COLUMNS_DIFFER
 */
export function readLayout(table: SourceTable, columns: readonly RowColumn[]): ColumnSizes {
  const typesByColumn = new Map(table.columns.map(({ name, type }) => [name, type.toLowerCase()]))
  for (const { name, type } of columns) {
    const actual = typesByColumn.get(name)
    if (actual !== undefined && patterns[type].test(actual)) continue
    throw new KxError(
      'KX_COLUMNS_DIFFER',
      `${table.schema}.${table.name}: ${name} is ${actual ?? 'missing'}`,
      { hint: `Declare ${name} as ${names[type]} in models/${table.schema}/${table.name}.yml.` },
    )
  }
  return (name) => (/^(integer|int|int4)$/.test(typesByColumn.get(name) ?? '') ? 4 : 8)
}
