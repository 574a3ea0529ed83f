import { KxError } from '../../base/index.ts'
import type { SourceTable } from '../../warehouse/index.ts'

/** The columns of bronze candles in the order that COPY sends them: first what rows of a file share. */
export const sharedColumns = [
  'exchange',
  'native_symbol',
  'symbol',
  'quote_asset',
  'interval_seconds',
  'source',
  'feed_id',
  'loaded_at',
  'load_id',
  'landing_file',
] as const

/** The columns that differ from row to row, in COPY's order. */
export const ownColumns = [
  'interval_start',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'quote_volume',
  'vwap',
  'trade_count',
  'is_final',
  'proof',
  'event_at',
  'received_at',
  'sequence',
  'row',
  'landing_line',
] as const

type CandleColumn = (typeof sharedColumns)[number] | (typeof ownColumns)[number]

/** Bytes of each whole-number column, as the contract types it. */
export type IntegerSizes = Readonly<Record<IntegerColumn, 4 | 8>>
type IntegerColumn = (typeof integers)[number]

const integers = ['interval_seconds', 'load_id', 'trade_count', 'sequence', 'row', 'landing_line'] as const
const times = ['loaded_at', 'interval_start', 'event_at', 'received_at']
const doubles = ['open', 'high', 'low', 'close', 'volume', 'quote_volume', 'vwap']

/**
 * Checks that `table` has every column that a candle needs, in types that its binary form fits.
 *
 * @throws {KxError} KX_COLUMNS_DIFFER
 */
export function readLayout(table: SourceTable): IntegerSizes {
  const typesByColumn = new Map(table.columns.map(({ name, type }) => [name, type.toLowerCase()]))
  for (const column of [...sharedColumns, ...ownColumns]) {
    const type = typesByColumn.get(column)
    if (type === undefined || !fits(column, type)) {
      throw new KxError(
        'KX_COLUMNS_DIFFER',
        `${table.schema}.${table.name}: ${column} is ${type ?? 'missing'}`,
        {
          hint: `Declare ${column} as ${expected(column)} in models/${table.schema}/${table.name}.yml.`,
        },
      )
    }
  }
  const size = (column: IntegerColumn) => (/^(bigint|int8)$/.test(typesByColumn.get(column) ?? '') ? 8 : 4)
  return Object.fromEntries(integers.map((column) => [column, size(column)])) as Record<IntegerColumn, 4 | 8>
}

function fits(column: CandleColumn, type: string): boolean {
  const names: Readonly<Record<string, RegExp>> = {
    bigint: /^(bigint|int8|integer|int|int4)$/,
    timestamptz: /^(timestamptz|timestamp with time zone)$/,
    'double precision': /^(double precision|float8)$/,
    boolean: /^bool(ean)?$/,
    text: /^text$/,
  }
  return names[expected(column)]?.test(type) ?? false
}

function expected(column: CandleColumn): string {
  if ((integers as readonly string[]).includes(column)) return 'bigint'
  if (times.includes(column)) return 'timestamptz'
  if (doubles.includes(column)) return 'double precision'
  return column === 'is_final' ? 'boolean' : 'text'
}
