import {
  identifier,
  type LedgerException,
  type LedgerRange,
  type LedgerSnapshot,
  type ModelLedgerRows,
} from '../../base/index.ts'
import { ledgerSchema, sourceLedgerSchema, type Target, type Warehouse } from '../warehouse.ts'
import { regclassOf } from './relations.ts'

/** Partitions of one name and code, in columns: each text holds one value per partition. */
export interface GroupRow {
  readonly name: string
  /** Code hash. */
  readonly number: number | null
  readonly starts: string | null
  readonly versions: string | null
  /** Input hashes of each partition. */
  readonly rest: string | null
}

/** One answer for everything: `kind` says what the columns hold. */
interface SnapshotRow extends GroupRow {
  readonly kind: 'model' | 'exception' | 'source' | 'range' | 'code'
}

/**
 * Reads what the ledger says of `models` and `sources`, in columns: a year of 50 models is 438,000 rows and
 * takes one text per model and code instead of an object per row. A step looks again before it builds.
 */
export async function readLedger(
  warehouse: Pick<Warehouse, 'query' | 'target'>,
  { models, sources }: { models: readonly string[]; sources: readonly string[] },
): Promise<LedgerSnapshot> {
  const sql = snapshotSql(warehouse.target)
  const middle = models.length > MANY_MODELS ? models.length >> 1 : models.length
  const [first, second] = await Promise.all([
    warehouse.query<SnapshotRow>(sql, [models.slice(0, middle), sources]),
    middle === models.length ? undefined : warehouse.query<SnapshotRow>(sql, [models.slice(middle), []]),
  ])
  const rows = [...first.rows, ...(second?.rows ?? [])]
  const of = (kind: SnapshotRow['kind']) => rows.filter((row) => row.kind === kind)
  return {
    models: joinGroups(of('model')),
    exceptions: of('exception').map(toException),
    sources: new Map(
      of('source').map((row) => [
        row.name,
        {
          starts: numbers(row.starts),
          versions: numbers(row.versions),
          prunedStarts: Array.from(numbers(row.rest)),
        },
      ]),
    ),
    ranges: groupRanges(of('range')),
    vars: groupVars(of('code')),
  }
}

/** More models than this are read half and half on two connections: aggregates use one core each. */
const MANY_MODELS = 20

/** Hours after the epoch; null for -infinity. */
export const HOURS = (column: string) =>
  `case when isfinite(${column}) then (date_part('epoch', ${column}) / 3600)::int4 end`

function snapshotSql(target: Target): string {
  const ledger = identifier(ledgerSchema(target))
  const sources = identifier(sourceLedgerSchema(target))
  return `select 'model' as kind, model as name, code_hash as number, array_agg(${HOURS('partition_start')})::text as starts,
    array_agg(version)::text as versions, string_agg(inputs, ',') as rest
from ${ledger}.partition
where model = any ($1::text[]) and status is not null and model <> all (array(${goneSql(ledger)}))
group by model, code_hash
union all
select 'exception', model, ${HOURS('partition_start')}, case when status = 'partial' then 'partial' end, attempt_code,
    attempt_error
from ${ledger}.partition
where model = any ($1::text[]) and (status = 'partial' or attempt_code is not null)
union all
select 'source', relation, null, array_agg(${HOURS('hour')})::text, array_agg(version)::text,
    (array_agg(${HOURS('hour')}) filter (where is_pruned))::text
from ${sources}.source_partition
where relation = any ($2::text[])
group by relation
union all
select 'range', relation, version, date_part('epoch', valid_from)::text, date_part('epoch', valid_to)::text, null
from ${sources}.source_range
where relation = any ($2::text[])
union all
select 'code', model, code_hash, vars, null, null
from ${ledger}.code
where model = any ($1::text[])`
}

/** Models whose table or view somebody dropped: whatever the ledger says, they hold nothing. */
function goneSql(ledger: string): string {
  return `select r.model from ${ledger}.relation as r where ${regclassOf('r')} is null`
}

function groupVars(rows: readonly SnapshotRow[]): LedgerSnapshot['vars'] {
  const vars = new Map<string, Map<number, string>>()
  for (const { name, number, starts } of rows) {
    const known = vars.get(name) ?? new Map<number, string>()
    vars.set(name, known.set(number ?? 0, starts ?? '{}'))
  }
  return vars
}

function toException(row: SnapshotRow): LedgerException {
  return {
    model: row.name,
    start: row.number ?? Number.NaN,
    isPartial: row.starts === 'partial',
    failedWith: row.versions ?? undefined,
    failure: row.rest ?? undefined,
  }
}

function groupRanges(rows: readonly SnapshotRow[]): LedgerSnapshot['ranges'] {
  const ranges = new Map<string, LedgerRange[]>()
  for (const row of rows) {
    const range = {
      version: row.number ?? 0,
      fromMs: Number(row.starts) * 1000,
      toMs: Number(row.versions) * 1000,
    }
    const known = ranges.get(row.name)
    if (known) known.push(range)
    else ranges.set(row.name, [range])
  }
  return ranges
}

/** Groups of one name, whatever their code, as one. */
export function joinGroups(groups: readonly GroupRow[]): Map<string, ModelLedgerRows> {
  const groupsByModel = new Map<string, GroupRow[]>()
  for (const group of groups) {
    const known = groupsByModel.get(group.name)
    if (known) known.push(group)
    else groupsByModel.set(group.name, [group])
  }
  return new Map([...groupsByModel].map(([name, parts]) => [name, joinParts(parts)]))
}

function joinParts(parts: readonly GroupRow[]): ModelLedgerRows {
  const read = parts.map(readPart)
  const [only] = read
  if (only !== undefined && read.length === 1) return only
  return {
    starts: joined(read.map(({ starts }) => starts)),
    versions: joined(read.map(({ versions }) => versions)),
    codeHashes: joined(read.map(({ codeHashes }) => codeHashes)),
    inputs: read.flatMap(({ inputs }) => Array.from(inputs)),
  }
}

function readPart(part: GroupRow): ModelLedgerRows {
  const starts = numbers(part.starts)
  const rest = part.rest ?? ''
  return {
    starts,
    versions: numbers(part.versions),
    codeHashes: new Float64Array(starts.length).fill(part.number ?? 0),
    inputs: rest === '' || rest.includes(':') ? rest.split(',') : numbers(`{${rest}}`),
  }
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** `{1,2,NULL}` as numbers, NULL as NaN. Read by hand: a year of 50 models has 13 MB of them. */
function numbers(array: string | null): Float64Array {
  if (array === null) return new Float64Array()
  const values = new Float64Array(array.length >> 1)
  let [count, value, sign] = [0, 0, 1]
  for (let i = 1; i < array.length; i++) {
    const code = array.charCodeAt(i)
    if (code >= 48 && code <= 57) value = value * 10 + code - 48
    else if (code === 45) sign = -1
    else if (code === 78) value = Number.NaN
    else if (code === 44 || code === 125) {
      values[count++] = sign * value
      value = 0
      sign = 1
    }
  }
  return values.slice(0, count)
}
