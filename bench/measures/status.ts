import { join } from 'node:path'
import type { Bench } from '../lib/bench.ts'
import { createDatabase, psql } from '../lib/database.ts'
import { fillLedger, YEAR_HOURS } from '../lib/full-ledger.ts'
import { peakMbOf, run, timeOf } from '../lib/process.ts'
import { kxCommand, projectOf } from '../lib/project.ts'
import { peakResult, type Result } from '../lib/result.ts'
import { spreadOf, takeTurns } from '../lib/rounds.ts'

const MODELS = 50

/** `kx status` over a year of 50 hourly models, all of them current. */
export async function measureStatus(bench: Bench): Promise<Result[]> {
  const { kx, server, rounds } = bench
  const project = projectOf(join(bench.directoryFor('status'), 'project'), hourlyModels())
  const database = createDatabase(server.database, 'kx_bench_status')
  run(kxCommand(kx, project, ['plan'], database))
  await fillLedger(project, database)
  const status = kxCommand(kx, project, ['status'], database)
  checkCurrent(run(kxCommand(kx, project, ['status', '--log-format', 'json'], database)))
  const { ms } = takeTurns([{ name: 'ms', measure: () => timeOf(status) }] as const, { rounds })
  const peak = peakMbOf(status)
  psql(server.database, `drop database ${database.name} with (force)`)
  return [
    {
      id: 'status',
      title: `kx status over a year × ${MODELS} models`,
      unit: 's',
      limit: { atMost: 0.8 },
      value: spreadOf(ms.map((one) => one / 1000)),
      rounds: ms.length,
    },
    peakResult('status-peak', 'kx status', [peak]),
  ]
}

/** 50 models: 10 silver ones on bronze, 40 gold ones; of ten gold ones two look back a day and two read two parents. */
function hourlyModels(): Map<string, string> {
  const models = new Map<string, string>()
  for (let i = 0; i < 10; i++) models.set(`silver/s${i}.sql`, modelSql([`source('bronze', 'ohlcv_native')`]))
  for (let i = 0; i < MODELS - 10; i++) {
    const parent = `ref('${i < 20 ? `s${i % 10}` : `g${i - 20}`}')`
    const day = parent.replace(')', ", window='24h')")
    const kind = i % 10
    models.set(
      `gold/g${i}.sql`,
      modelSql(kind < 2 ? [day] : kind < 4 ? [parent, `ref('s${(i + 1) % 10}')`] : [parent]),
    )
  }
  return models
}

function modelSql(inputs: readonly string[]): string {
  const branches = inputs.map(
    (input) => `select date_trunc('hour', interval_start) as interval_start, symbol, max(close) as close
from {{ ${input} }}
group by 1, 2`,
  )
  return `{{ config(
    materialized='incremental',
    time_column='interval_start',
    unique_key=['interval_start', 'symbol']
) }}
select interval_start, symbol, max(close) as close
from (
${branches.join('\nunion all\n')}
) as one
where interval_start >= {{ partition.start }}
group by 1, 2
`
}

function checkCurrent(lines: string): void {
  const models = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { model: string; counts: Record<string, number> })
  const behind = models.filter(
    ({ counts }) => counts.current !== YEAR_HOURS || Object.keys(counts).length > 1,
  )
  if (models.length !== MODELS || behind.length > 0) {
    throw new Error(`not all of ${models.length} models are current: ${JSON.stringify(behind[0])}`)
  }
}
