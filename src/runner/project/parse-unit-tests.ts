import * as z from 'zod/mini'
import { parseTimeRange, withPlace } from '../../base/index.ts'
import { type GivenRows, parseCsv, type TextFile, type UnitTest } from '../model/index.ts'
import { checked, checkShape, keyed } from './check-shape.ts'
import { type Path, readYaml, type YamlFile } from './yaml-file.ts'

const CODE = 'KX_UNIT_TEST_INVALID'

type Row = Readonly<Record<string, unknown>>

const text = checked<string>((value) => typeof value === 'string' && value !== '', 'Write a text.')
const range = checked<string>(
  isRange,
  'Write an hour as 2024-05-01T13, a range as 2024-05-01T13..2024-05-01T15.',
)
const rows = checked<readonly Row[]>(
  (value) =>
    Array.isArray(value) &&
    value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row)),
  'Write a list of mappings, column: value.',
)
const csvText = checked<string>((value) => typeof value === 'string', 'Write csv: | and lines below it.')
const rowsKeys = { rows: z.optional(rows), csv: z.optional(csvText) }

const unitTestShape = keyed({
  name: text,
  description: z.optional(text),
  model: text,
  partition: z.optional(range),
  batch: z.optional(range),
  vars: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
  given: z.optional(z.nullable(z.array(keyed({ input: text, ...rowsKeys })))),
  expect: z.unknown(),
  ordered: z.optional(z.boolean()),
})

const fileShape = keyed({ unit_tests: z.array(unitTestShape) })
const expectShape = keyed({ ...rowsKeys, ordered: z.optional(z.boolean()) })

function isRange(value: unknown): boolean {
  if (typeof value !== 'string') return false
  try {
    parseTimeRange(value)
    return true
  } catch {
    return false
  }
}

/**
 * The unit tests of a file under tests/unit.
 *
 * @throws {KxError} KX_UNIT_TEST_INVALID, KX_SEED_INVALID at the place in the file.
 */
export function parseUnitTests(file: TextFile): UnitTest[] {
  const yaml = readYaml(file, CODE)
  const { unit_tests } = checkShape(yaml, fileShape, CODE)
  return unit_tests.map((written, i) => unitTestOf(yaml, ['unit_tests', i], written))
}

function unitTestOf(yaml: YamlFile, path: Path, written: z.infer<typeof unitTestShape>): UnitTest {
  if (written.partition !== undefined && written.batch !== undefined) {
    yaml.fail([...path, 'batch'], 'a test has a partition or a batch', 'Drop one of them.')
  }
  const expected = expectedRows(yaml, [...path, 'expect'], written.expect)
  return {
    kind: 'unit_test',
    name: written.name,
    description: written.description ?? '',
    file: yaml.file,
    at: yaml.at(path),
    model: written.model,
    partition: written.partition,
    batch: written.batch,
    vars: written.vars ?? {},
    given: (written.given ?? []).map((given, i): GivenRows => {
      const at = [...path, 'given', i]
      return { input: given.input, rows: rowsOf(yaml, at, given, [...at, 'rows']), at: yaml.at(at) }
    }),
    expect: expected.rows,
    isOrdered: written.ordered ?? expected.isOrdered,
  }
}

/** A list of rows, or `rows:` or `csv:`. */
function expectedRows(
  yaml: YamlFile,
  path: Path,
  written: unknown,
): { rows: readonly Row[]; isOrdered: boolean } {
  const value = Array.isArray(written) ? { rows: written } : written
  if (value === null) yaml.fail(path, 'expect is empty', 'Write expect: [] for no rows.')
  const inner: YamlFile = {
    ...yaml,
    value,
    fail: (inside, message, hint) =>
      yaml.fail([...path, ...(Array.isArray(written) ? inside.slice(1) : inside)], message, hint),
    atKey: (inside, key) => yaml.atKey([...path, ...inside], key),
  }
  const expected = checkShape(inner, expectShape, CODE)
  const rowsPath = Array.isArray(written) ? path : [...path, 'rows']
  return { rows: rowsOf(yaml, path, expected, rowsPath), isOrdered: expected.ordered ?? false }
}

interface WrittenRows {
  readonly rows?: readonly Row[] | undefined
  readonly csv?: string | undefined
}

function rowsOf(yaml: YamlFile, path: Path, { rows, csv }: WrittenRows, rowsPath: Path): readonly Row[] {
  if (csv === undefined) return (rows ?? []).map((row, i) => withZeros(yaml, [...rowsPath, i], row))
  if (rows !== undefined) yaml.fail([...path, 'csv'], 'rows and csv are both there', 'Drop one of them.')
  const start = yaml.at([...path, 'csv'])
  try {
    const { header, rows: records } = parseCsv(csv, yaml.file, (start.line ?? 0) + 1)
    return records.map(({ fields }) => Object.fromEntries(header.map((name, i) => [name, fields[i] ?? null])))
  } catch (error) {
    throw withPlace(error, start)
  }
}

/** A number with leading zeros stays as it is written: in a column of text, `007` is not `7`. */
function withZeros(yaml: YamlFile, path: Path, row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const digits = typeof value === 'number' ? yaml.digitsAt([...path, name]) : undefined
      return [name, digits !== undefined && /^0\d+$/.test(digits) ? digits : value]
    }),
  )
}
