import type { Warehouse } from '../../../warehouse/index.ts'
import { identityOf } from '../line-identity.ts'
import type { Rig } from '../rig.ts'
import { landedParts, linesOf, uploadedParts } from './stored-lines.ts'

/** What of landing, store and bronze does not agree; each problem in words. */
export interface ExactlyOnce {
  readonly problems: readonly string[]
  /** Lines in the store; of these, records of frames. */
  readonly lines: number
  readonly records: number
  /** Lines of parts that are not in the local landing any more. */
  readonly deletedParts: number
}

const TABLES: Readonly<Record<string, string>> = {
  candles: 'ohlcv_native',
  ticks: 'market_ticks',
  connection_events: 'connection_events',
  feed_uptime: 'feed_uptime',
}

/**
 * Compares after a graceful stop: every part is in the store byte for byte as it is in the landing, every line of it
 * once in bronze, and nothing else is; no record is in two lines; `synced` is among them.
 */
export async function checkExactlyOnce(
  rig: Pick<Rig, 'landingDirectory' | 'store'>,
  warehouse: Warehouse,
  synced: ReadonlySet<string>,
): Promise<ExactlyOnce> {
  const landed = landedParts(rig)
  const uploaded = uploadedParts(rig)
  const problems: string[] = []
  for (const [path, content] of landed) {
    const stored = uploaded.get(path)
    if (stored === undefined) problems.push(`not in the store: ${path} (${content.length} bytes)`)
    else if (!stored.equals(content)) problems.push(`differs in the store: ${path}`)
  }
  const data = new Map([...uploaded].filter(([path]) => !path.startsWith('dead-letters/')))
  const identities = new Map<string, string>()
  let records = 0
  for (const [path, content] of data) {
    for (const [i, line] of linesOf(content).entries()) {
      const identity = identityOf(path, i + 1, line)
      const other = identities.get(identity)
      if (other !== undefined) problems.push(`twice: ${identity} in ${other} and ${path}`)
      identities.set(identity, path)
      if (!identity.startsWith(path)) records++
    }
  }
  for (const identity of synced)
    if (!identities.has(identity) && !identity.startsWith('dead-letters/'))
      problems.push(`synced and lost: ${identity}`)
  problems.push(...(await compareBronze(warehouse, data)))
  const deletedParts = [...uploaded.keys()].filter((path) => !landed.has(path)).length
  return { problems, lines: identities.size, records, deletedParts }
}

async function compareBronze(warehouse: Warehouse, parts: ReadonlyMap<string, Buffer>): Promise<string[]> {
  const problems: string[] = []
  for (const [kind, table] of Object.entries(TABLES)) {
    const own = new Map([...parts].filter(([path]) => kindOf(path) === kind))
    const { rows } = await warehouse.query<BronzeFile>(
      `select landing_file, count(*)::int as rows, count(distinct landing_line)::int as lines,
        min(landing_line)::int as first, max(landing_line)::int as last
      from bronze.${table} group by landing_file`,
    )
    const inBronze = new Map(rows.map((row) => [row.landing_file, row]))
    for (const { landing_file: path } of rows)
      if (!own.has(path)) problems.push(`in bronze.${table} and nowhere else: ${path}`)
    for (const [path, content] of own) {
      const expected = linesOf(content).length
      const found = inBronze.get(path)
      const shown = found === undefined ? 'none' : `${found.rows} rows of ${found.lines} lines`
      const isWhole =
        found?.rows === expected && found.lines === expected && found.last === found.first + expected - 1
      if (expected > 0 && !isWhole) problems.push(`bronze.${table} has ${shown}, not ${expected}: ${path}`)
    }
    if (kind === 'candles' || kind === 'ticks') problems.push(...(await findTwice(warehouse, table)))
  }
  return problems
}

interface BronzeFile {
  readonly landing_file: string
  readonly rows: number
  readonly lines: number
  readonly first: number
  readonly last: number
}

async function findTwice(warehouse: Warehouse, table: string): Promise<string[]> {
  const { rows } = await warehouse.query<{ feed_id: string; sequence: string; row: number; times: string }>(
    `select feed_id, sequence, row, count(*) as times from bronze.${table}
    group by feed_id, sequence, row having count(*) > 1 limit 20`,
  )
  return rows.map(
    ({ feed_id, sequence, row, times }) => `${times} times in bronze.${table}: ${feed_id} ${sequence} ${row}`,
  )
}

function kindOf(path: string): string {
  return /\/channel=(\w+)\//.exec(path)?.[1] ?? 'candles'
}
