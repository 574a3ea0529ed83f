import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench } from '../lib/bench.ts'
import { START } from '../lib/candles.ts'
import { binary, createDatabase, type Database, environmentOf, psql } from '../lib/database.ts'
import { FIVE, fillWarehouse } from '../lib/hours.ts'
import { type Command, peakMbOf, run, timeOf } from '../lib/process.ts'
import { kxCommand, shippedProject } from '../lib/project.ts'
import { peakResult, type Result, ratioResult } from '../lib/result.ts'
import { takeTurns } from '../lib/rounds.ts'

const DAYS = 30
const DAY_MS = 86_400_000
const HAND = fileURLToPath(new URL('../hand', import.meta.url))
const LAYERS = ['silver', '5m', '15m', '30m', '1h', '1d']
const TABLES = ['silver.fact_ohlcv', ...LAYERS.slice(1).map((width) => `gold.ohlcv_${width}`)]
const SIX = [...FIVE, 'ohlcv_1d']

/** 30 days × 30 instruments from nothing, against bench/hand/*.sql on as many connections. */
export async function measureMonth(bench: Bench): Promise<Result[]> {
  const { kx, server, longRounds } = bench
  const directory = bench.directoryFor('month')
  const project = shippedProject(join(directory, 'project'))
  const bronze = createDatabase(server.database, 'kx_bench_month')
  fillWarehouse(kx, project, { database: { psql: bronze, target: bronze }, hours: DAYS * 24 })
  const [byKx, byHand] = ['kx_bench_month_kx', 'kx_bench_month_hand'].map((name) => ({
    ...bronze,
    name,
  })) as [Database, Database]
  const renew = (database: Database) => void createDatabase(server.database, database.name, bronze.name)
  const kxRun = kxCommand(kx, project, ['run', '--select', ...SIX], byKx)
  const times = takeTurns(
    [
      { name: 'kx', prepare: () => renew(byKx), measure: () => timeOf(kxRun) },
      {
        name: 'hand',
        prepare: () => renew(byHand),
        measure: () => timeOf(handCommand(byHand, directory, 2)),
      },
      {
        name: 'hand, one connection',
        prepare: () => renew(byHand),
        measure: () => timeOf(handCommand(byHand, directory, 1)),
      },
    ] as const,
    { rounds: longRounds, warmups: 0 },
  )
  renew(byKx)
  const peaks = [peakMbOf(kxRun)]
  run(handCommand(byKx, directory, 2))
  const note = `${compare(byKx)} rows equal`
  for (const { name } of [byKx, byHand, bronze]) psql(server.database, `drop database ${name} with (force)`)
  const title = `${DAYS} days × 30 instruments × 6 models, to hand-written SQL`
  return [
    ratioResult(times, { id: 'month', title, limit: { atMost: 1.3 }, of: 'kx', to: 'hand', note }),
    ratioResult(times, {
      id: 'month-one-connection',
      title: 'the same to hand-written SQL on one connection',
      limit: undefined,
      of: 'kx',
      to: 'hand, one connection',
    }),
    peakResult('month-peak', `${DAYS} days`, peaks),
  ]
}

/** The hand-written SQL by days, all layers of a day one after the other; each connection takes a part of the days. */
function handCommand(database: Database, directory: string, connections: number): Command {
  const parts = Array.from({ length: connections }, (_, part) => {
    const file = join(directory, `hand-${part}.sql`)
    const from = Math.floor((DAYS / connections) * part)
    writeFileSync(file, daysScript(from, Math.floor((DAYS / connections) * (part + 1))))
    return file
  })
  const psqlOf = (file: string) => `${binary('psql')} -XAtq -v ON_ERROR_STOP=1 -f ${file}`
  const started = parts.map((file, i) => `${psqlOf(file)} & p${i}=$!`)
  const waits = parts.map((_, i) => `wait $p${i}`).join(' && ')
  const script = [`set -e; ${psqlOf(join(HAND, 'tables.sql'))}`, ...started, waits].join('\n')
  // The settings of kx's own sessions.
  const env = {
    ...environmentOf(database),
    PGOPTIONS: '-c work_mem=64MB -c timezone=UTC -c client_min_messages=warning',
  }
  return { argv: ['sh', '-c', script], env }
}

function daysScript(from: number, to: number): string {
  const dayAt = (day: number) => new Date(Date.parse(START) + day * DAY_MS).toISOString()
  const days = Array.from({ length: to - from }, (_, i) => from + i)
  return days
    .flatMap((day) => [
      `\\set from ${dayAt(day)}`,
      `\\set to ${dayAt(day + 1)}`,
      ...LAYERS.map((layer) => `\\i ${join(HAND, `${layer}.sql`)}`),
    ])
    .join('\n')
}

/** Compares every row both ways, and gives their number. @throws {Error} if one differs. */
function compare(database: Database): number {
  let rows = 0
  for (const table of TABLES) {
    const hand = `hand_${table}`
    const columns = psql(
      database,
      `select string_agg(attname, ', ' order by attnum) from pg_attribute where attrelid = '${hand}'::regclass and attnum > 0`,
    )
    const [ours, theirs] = [table, hand].map((from) => `select ${columns} from ${from}`)
    const differing = Number(
      psql(
        database,
        `select count(*) from ((${ours} except all ${theirs}) union all (${theirs} except all ${ours})) as one`,
      ),
    )
    if (differing > 0) throw new Error(`${differing} rows of ${table} and ${hand} differ`)
    rows += Number(psql(database, `select count(*) from ${table}`))
  }
  return rows
}
