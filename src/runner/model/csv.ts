import { KxError } from '../../base/index.ts'

/** A CSV with a header. An empty field is null, `""` the empty text. */
export interface Csv {
  readonly header: readonly string[]
  readonly rows: readonly CsvRow[]
}

interface CsvRow {
  /** From 1. */
  readonly line: number
  readonly fields: readonly (string | null)[]
}

/**
 * Reads RFC 4180 CSV: commas, double quotes doubled inside quotes, any line end. Empty lines are skipped.
 *
 * @throws {KxError} KX_SEED_INVALID at `file`'s line; `firstLine` is the line that the text begins in.
 */
export function parseCsv(text: string, file: string, firstLine = 1): Csv {
  const [header, ...rows] = recordsOf(text, file, firstLine)
  if (header === undefined)
    throw invalid(file, firstLine, 'the CSV is empty', 'Write a line of column names.')
  const names = header.fields.map((name) => name?.trim() ?? '')
  const wrong = names.find((name, i) => name === '' || names.indexOf(name) !== i)
  if (wrong !== undefined) {
    throw invalid(
      file,
      header.line,
      `the column '${wrong}' has no name or is there twice`,
      'Give each column one name.',
    )
  }
  for (const { line, fields } of rows) {
    if (fields.length === names.length) continue
    const message = `the line has ${fields.length} fields, the header ${names.length}`
    throw invalid(file, line, message, 'Quote fields that hold commas.')
  }
  return { header: names, rows }
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y

function recordsOf(text: string, file: string, firstLine: number): CsvRow[] {
  const records: CsvRow[] = []
  let fields: (string | null)[] = []
  let line = firstLine
  let at = text.startsWith('\uFEFF') ? 1 : 0
  let start = line
  while (at < text.length) {
    FIELD.lastIndex = at
    const match = FIELD.exec(text)
    if (match === null)
      throw invalid(file, line, 'a quote stands alone', 'Double quotes inside a quoted field.')
    const [whole, quoted, plain, end] = match
    fields.push(quoted === undefined ? plain || null : quoted.replaceAll('""', '"'))
    line += whole.split('\n').length - 1
    at += whole.length
    if (end === ',' && at < text.length) continue
    if (end === ',') fields.push(null)
    if (fields.length > 1 || fields[0] !== null) records.push({ line: start, fields })
    fields = []
    start = line
  }
  return records
}

function invalid(file: string, line: number, message: string, hint: string): KxError {
  return new KxError('KX_SEED_INVALID', message, { hint, at: { file, line, column: 1 } })
}
