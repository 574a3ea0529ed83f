import { onTestFinished } from 'vitest'
import { HOUR_MS } from '../base/index.ts'
import { type RunOptions, runCommand } from '../cli/run/run.ts'
import {
  ensureSourceTables,
  moveSourceHours,
  openWarehouse,
  type Target,
  type Warehouse,
} from '../warehouse/index.ts'
import { aProject, type ProjectDirectory } from './a-project.ts'
import { anIo, type Recorded } from './an-io.ts'
import { aDatabase } from './database.ts'

/** A made-up project on a database of its own, with `bronze.tick` (at, name, value) to feed. */
export interface Runner extends ProjectDirectory {
  readonly target: Target
  readonly warehouse: Warehouse
  /** Runs `kx run` and gives its exit code and lines. */
  run(
    options?: RunOptions,
    io?: Partial<Recorded['io']>,
  ): Promise<{ code: number; out: string[]; err: string[] }>
  /** Adds rows to bronze.tick and moves their hours, as a loader does. `[hour, name, value]`, hours from FIRST. */
  feed(rows: readonly (readonly [number, string, number])[]): Promise<void>
  /** The rows of a query as one line of text each. */
  rows(sql: string): Promise<string[]>
}

/** Hour 0 of `feed`: long enough ago to be due. */
const FIRST_MS = Date.parse('2024-05-01T00:00:00Z')

export const TICK_CONTRACT = `
description: Made-up ticks.
time_column: at
key_order: [at, name]
columns:
  at: { type: timestamptz, description: When. }
  name: { type: text, description: What. }
  value: { type: double precision, description: How much. }
  load_id: { type: bigint, description: The load. }
`

/** A model that sums ticks by hour and name. */
export const HOURLY = `{{ config(materialized='incremental', time_column='hour_start', unique_key=['hour_start', 'name']) }}
select date_trunc('hour', at) as hour_start, name, sum(value order by at, value) as value
from {{ source('bronze', 'tick') }}
group by 1, 2
`

/** Makes the project, its database and bronze.tick. */
export async function aRunner(files: Readonly<Record<string, string>>, settings = ''): Promise<Runner> {
  const target = await aDatabase()
  const project = aProject(
    { 'models/bronze/tick.yml': TICK_CONTRACT, ...files },
    { targets: { test: target }, settings },
  )
  const warehouse = await openWarehouse(target, { poolSize: 2, applicationName: 'kx test' })
  onTestFinished(() => warehouse[Symbol.asyncDispose]())
  await ensureSourceTables(warehouse, [TICK_TABLE])
  return {
    ...project,
    target,
    warehouse,
    run: async (options = {}, overrides = {}) => {
      const { io, out, err } = anIo({ cwd: project.directory, ...overrides })
      const code = await runCommand(io, { threads: '2', ...options })
      return { code, out, err }
    },
    feed: (rows) => feed(warehouse, target, rows),
    rows: async (sql) => {
      await using session = await warehouse.session()
      const { rows } = await session.queryText(sql)
      return rows.map((row) => row.join(' '))
    },
  }
}

const TICK_TABLE = {
  schema: 'bronze',
  name: 'tick',
  columns: [
    { name: 'at', type: 'timestamp with time zone', isNullable: true },
    { name: 'name', type: 'text', isNullable: true },
    { name: 'value', type: 'double precision', isNullable: true },
    { name: 'load_id', type: 'bigint', isNullable: true },
  ],
  keyOrder: ['at', 'name'],
}

async function feed(
  warehouse: Warehouse,
  target: Target,
  rows: readonly (readonly [number, string, number])[],
): Promise<void> {
  await using session = await warehouse.session()
  await session.query('begin')
  await session.query(
    'insert into bronze.tick (at, name, value) select to_timestamp(ms / 1000), name, value from unnest($1::float8[], $2::text[], $3::float8[]) as u (ms, name, value)',
    [
      rows.map(([hour]) => FIRST_MS + hour * HOUR_MS),
      rows.map(([, name]) => name),
      rows.map(([, , value]) => value),
    ],
  )
  const added = new Map<number, number>()
  for (const [hour] of rows) {
    const hourMs = FIRST_MS + Math.floor(hour) * HOUR_MS
    added.set(hourMs, (added.get(hourMs) ?? 0) + 1)
  }
  const moves = [...added].map(([hourMs, addedRows]) => ({ hourMs, addedRows }))
  await moveSourceHours(session, target, { relation: 'bronze.tick', moves, loadId: null })
  await session.query('commit')
}
