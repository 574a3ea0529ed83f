import { join } from 'node:path'
import type { Bench } from '../lib/bench.ts'
import { createDatabase, type Database, databaseOf, psql } from '../lib/database.ts'
import { fillWarehouse, forgetHourSql, RUN_FIVE, resetSql } from '../lib/hours.ts'
import { type Command, run, timeOf } from '../lib/process.ts'
import { type Kx, kxCommand, shippedProject } from '../lib/project.ts'
import { type Result, ratioResult } from '../lib/result.ts'
import { takeTurns } from '../lib/rounds.ts'

const HOURS = 72
const LAST = '2024-05-03T23'
const BY_HOUR = [...RUN_FIVE, '--batch', '1']

/** One hour and 72 hours on the embedded engine against the same on the server. */
export async function measureEmbedded(bench: Bench): Promise<Result[]> {
  const { kx, server } = bench
  const project = shippedProject(join(bench.directoryFor('embedded'), 'project'))
  const database = createDatabase(server.database, 'kx_bench_embedded')
  const warehouse = openWarehouse(kx, project)
  try {
    fillWarehouse(kx, project, { database: { psql: database, target: database }, hours: HOURS })
    fillWarehouse(kx, project, { database: { psql: warehouse.database }, hours: HOURS })
    run(kxCommand(kx, project, RUN_FIVE, database))
    run(kxCommand(kx, project, RUN_FIVE))
    const places = { kx, project, database, warehouse }
    const kept = await measureOn(bench, places, (sql) => void psql(warehouse.database, sql))
    const each = await measureOn(bench, places, (sql) => {
      warehouse.start()
      psql(warehouse.database, sql)
      warehouse.stop()
    })
    return [...resultsOf(kept, 'kept running'), ...resultsOf(each, 'started and stopped by each command')]
  } finally {
    warehouse.drop()
  }
}

/** An embedded warehouse that runs until `stop`. */
interface Embedded {
  readonly database: Database
  start(): void
  stop(): void
  drop(): void
}

function openWarehouse(kx: Kx, project: string): Embedded {
  const tell = (...args: string[]) => run(kxCommand(kx, project, ['warehouse', ...args]))
  return {
    database: databaseOf(tell('start').trim()),
    start: () => void tell('start'),
    stop: () => void tell('stop'),
    drop: () => {
      tell('stop')
      tell('drop', '--yes')
    },
  }
}

interface Places {
  readonly kx: Kx
  readonly project: string
  readonly database: Database
}

async function measureOn({ rounds }: Bench, { kx, project, database }: Places, tell: (sql: string) => void) {
  const onServer = (args: readonly string[]): Command => kxCommand(kx, project, args, database)
  const embedded = (args: readonly string[]): Command => kxCommand(kx, project, args)
  const tellServer = (sql: string) => void psql(database, sql)
  return takeTurns(
    [
      {
        name: 'server, hour',
        prepare: () => tellServer(forgetHourSql(LAST)),
        measure: () => timeOf(onServer(RUN_FIVE)),
      },
      {
        name: 'embedded, hour',
        prepare: () => tell(forgetHourSql(LAST)),
        measure: () => timeOf(embedded(RUN_FIVE)),
      },
      {
        name: 'server, 72 hours',
        prepare: () => tellServer(resetSql()),
        measure: () => timeOf(onServer(BY_HOUR)),
      },
      {
        name: 'embedded, 72 hours',
        prepare: () => tell(resetSql()),
        measure: () => timeOf(embedded(BY_HOUR)),
      },
    ] as const,
    { rounds },
  )
}

function resultsOf(times: Awaited<ReturnType<typeof measureOn>>, how: string): Result[] {
  return (['hour', '72 hours'] as const).map((what) =>
    ratioResult(times, {
      id: `embedded-${what}-${how}`.replaceAll(' ', '-'),
      title: `embedded, ${how}: ${what} × 5 models, to the server`,
      limit: { atMost: 1.3 },
      of: `embedded, ${what}`,
      to: `server, ${what}`,
    }),
  )
}
