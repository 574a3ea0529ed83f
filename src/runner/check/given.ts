import { identifier, KxError, literal, nearest } from '../../base/index.ts'
import type { Edge, GivenRows, Model, Node, Seed, Source, UnitTest } from '../model/index.ts'

/** A node that holds rows: anything but a test. */
export type RowNode = Exclude<Node, { kind: 'test' }>

/** What an `input:` names. */
interface InputName {
  readonly kind: Edge['kind']
  /** Name or id; empty for the model's own past. */
  readonly name: string
}

const REF = /^ref\(\s*(['"])([\w.]+)\1\s*(?:,.*)?\)$/
const SOURCE = /^source\(\s*(['"])(\w+)\1\s*,\s*(['"])(\w+)\3\s*(?:,.*)?\)$/
const PREVIOUS = /^previous(?:\(.*\))?$/

/**
 * Whether given rows stand for what `edge` reads.
 *
 * @throws {KxError} KX_UNIT_TEST_INVALID if the input cannot be read
 */
export function standsFor(given: GivenRows, edge: Edge, parent: RowNode): boolean {
  const input = parseInput(given)
  if (input.kind === 'previous' || edge.kind === 'previous') return input.kind === edge.kind
  if (input.kind === 'source') return parent.kind === 'source' && parent.id === input.name
  return parent.kind !== 'source' && (parent.name === input.name || parent.id === input.name)
}

function parseInput({ input, at }: GivenRows): InputName {
  const text = input.trim()
  const ref = REF.exec(text)
  if (ref) return { kind: 'ref', name: ref[2] ?? '' }
  const source = SOURCE.exec(text)
  if (source) return { kind: 'source', name: `${source[2]}.${source[4]}` }
  if (PREVIOUS.test(text)) return { kind: 'previous', name: '' }
  throw new KxError('KX_UNIT_TEST_INVALID', `'${input}' is not an input`, {
    hint: "Write ref('fact_ohlcv'), source('bronze', 'ohlcv_native') or previous('1h').",
    at,
  })
}

/** How an input is written in a unit test. */
export function inputText(edge: Edge, parent: RowNode): string {
  if (edge.kind === 'previous') return "previous('1h')"
  if (parent.kind === 'source') return `source('${parent.schema}', '${parent.name}')`
  return `ref('${parent.name}')`
}

/**
 * Rows as a select, typed by the contract of what they stand for; what they do not name is null.
 *
 * @throws {KxError} KX_UNIT_TEST_INVALID for a column that the contract does not have, or without any type to go by
 */
export function givenSql(
  parent: Model | Seed | Source,
  given: GivenRows | undefined,
  { test, seedSql }: { test: UnitTest; seedSql: (id: string) => string },
): string {
  const rows = given?.rows ?? []
  const promised = parent.contract?.columns ?? []
  if (promised.length > 0) {
    checkColumns(parent, given)
    return recordset(promised, rows)
  }
  const inferred = inferColumns(rows)
  if (inferred.length > 0) return recordset(inferred, rows)
  if (parent.kind === 'seed') return `select * from (\n${seedSql(parent.id)}\n) as kx_seed where false`
  throw new KxError(
    'KX_UNIT_TEST_INVALID',
    `unit test ${test.name}: ${parent.id} has no contract, so kx does not know its columns`,
    {
      hint: `Give it at least one row, or list its columns in ${parent.file.replace(/\.sql$/, '.yml')}.`,
      at: given?.at ?? test.at,
    },
  )
}

function checkColumns(parent: Model | Seed | Source, given: GivenRows | undefined): void {
  const names = parent.contract?.columns.map(({ name }) => name) ?? []
  for (const name of new Set((given?.rows ?? []).flatMap((row) => Object.keys(row)))) {
    if (names.includes(name)) continue
    const near = nearest(name, names)
    throw new KxError('KX_UNIT_TEST_INVALID', `${parent.id} has no column '${name}'`, {
      hint: near === undefined ? `Its columns are ${names.join(', ')}.` : `Did you mean ${near}?`,
      ...(given === undefined ? {} : { at: given.at }),
    })
  }
}

interface TypedColumn {
  readonly name: string
  readonly type: string
}

/** JSON keeps every digit of a number that JavaScript holds; texts are read by the column's own type. */
function recordset(
  columns: readonly TypedColumn[],
  rows: readonly Readonly<Record<string, unknown>>[],
): string {
  const typed = columns.map(({ name, type }) => `${identifier(name)} ${type}${isText(type) ? C : ''}`)
  return `select * from jsonb_to_recordset(${literal(JSON.stringify(rows.map((row) => jsonRead(row, columns))))}::jsonb) as kx_rows (${typed.join(', ')})`
}

/** A text in a column of JSON is the JSON it says, as where it is expected; a text that says none is a JSON text. */
function jsonRead(
  row: Readonly<Record<string, unknown>>,
  columns: readonly TypedColumn[],
): Readonly<Record<string, unknown>> {
  const isJson = (name: string) => columns.some((c) => c.name === name && /^jsonb?$/i.test(c.type))
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'string' && isJson(name) ? jsonOf(value) : value,
    ]),
  )
}

/** The JSON that a text says, or the text itself. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** As in the tables that kx makes, so that ties between texts fall as they do there. */
const C = ' collate "C"'

function isText(type: string): boolean {
  return /^(text|character varying|varchar|character|char)(\(\d+\))?$/.test(type)
}

function inferColumns(rows: readonly Readonly<Record<string, unknown>>[]): TypedColumn[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return names.map((name) => ({ name, type: inferType(rows.map((row) => row[name])) }))
}

const NUMBER = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)$/

/** Numbers are doubles even when whole: an integer would divide differently. */
function inferType(all: readonly unknown[]): string {
  const values = all.filter((value) => value !== null && value !== undefined)
  const every = (is: (value: unknown) => boolean) => values.length > 0 && values.every(is)
  if (every((value) => typeof value === 'boolean')) return 'boolean'
  if (every((value) => NUMBER.test(String(value)))) return 'double precision'
  if (every((value) => typeof value === 'string' && TIME.test(value))) return 'timestamp with time zone'
  return every((value) => typeof value === 'object') ? 'jsonb' : 'text'
}
