import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOUR_MS, type ModelLedgerRows } from '../../src/base/index.ts'
import { buildGraph, type PlanModel, planModels, readProject, renderProject } from '../../src/runner/index.ts'
import { ledgerInputs } from '../../src/runner/plan/index.ts'
import { openWarehouse, readLedger, type Target } from '../../src/warehouse/index.ts'
import { START } from './candles.ts'
import { type Database, psql, urlOf } from './database.ts'

export const YEAR_HOURS = 8760

/**
 * Writes the ledger of a project whose every hour of a year is built, as kx would have: versions, code hashes and
 * hashes of inputs come from kx's own planner.
 */
export async function fillLedger(directory: string, database: Database): Promise<void> {
  psql(
    database,
    `insert into kx.source_partition (relation, hour, version, rows, loaded_at)
    select 'bronze.ohlcv_native', '${START}'::timestamptz + h * interval '1 hour', nextval('kx.version'), 1800, now()
    from generate_series(0, ${YEAR_HOURS - 1}) as h`,
  )
  const version = Number(psql(database, `select last_value from kx.version`))
  const rows = ledgerRows(await readModels(directory), await readSources(directory, database), version)
  const file = join(directory, 'ledger.tsv')
  writeFileSync(file, rows.join(''))
  psql(
    database,
    `\\copy kx.partition (model, partition_start, status, code_hash, version, inputs, rows, run_id, built_at) from '${file}'
    select setval('kx.version', (select max(version) from kx.partition));
    vacuum analyze kx.partition; vacuum analyze kx.source_partition`,
  )
}

async function readModels(directory: string): Promise<PlanModel[]> {
  const project = await readProject(directory, { env: {} })
  const target = { name: 'bench', schemaPrefix: '', engine: 'server' }
  return planModels(buildGraph(renderProject(project, { target, env: {} })), { beginMs: project.beginMs })
}

async function readSources(directory: string, database: Database) {
  const target: Target = {
    name: 'bench',
    engine: 'server',
    schemaPrefix: '',
    sourcePrefix: '',
    connection: { url: urlOf(database) },
    projectDirectory: directory,
  }
  await using warehouse = await openWarehouse(target, { poolSize: 1, applicationName: 'kx bench' })
  return await readLedger(warehouse, { models: [], sources: ['bronze.ohlcv_native', 'bronze.instrument'] })
}

/** Lines for COPY, parents first: each hour's inputs are hashed from what is already built. */
function ledgerRows(
  models: readonly PlanModel[],
  sources: Awaited<ReturnType<typeof readSources>>,
  lastVersion: number,
): string[] {
  const firstHour = Date.parse(START) / HOUR_MS
  const starts = Float64Array.from({ length: YEAR_HOURS }, (_, i) => firstHour + i)
  const built = new Map<string, ModelLedgerRows>()
  const lines: string[] = []
  let version = lastVersion
  for (const model of models) {
    const inputs = ledgerInputs({ ...sources, models: built })
    const versions = Float64Array.from(starts, () => ++version)
    starts.forEach((start, i) => {
      const range = { startMs: start * HOUR_MS, endMs: (start + 1) * HOUR_MS }
      const hashes = model.edges.map((edge) => inputs.hash(edge, range)).join(':')
      const at = new Date(range.startMs).toISOString()
      lines.push(
        `${model.id}\t${at}\tbuilt\t${model.codeHash}\t${versions[i]}\t${hashes}\t30\tbench\t${at}\n`,
      )
    })
    built.set(model.id, { starts, versions, codeHashes: starts, inputs: [] })
  }
  return lines
}
