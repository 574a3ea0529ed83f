import { describeServer, type EngineStatus, openWarehouse, type Target } from '../../warehouse/index.ts'

/** What `kx warehouse status` tells; the keys are those of its JSON, too. */
export interface WarehouseStatus {
  readonly engine: 'embedded' | 'server'
  /** Data directory or address. */
  readonly where: string
  /** Embedded only, as `processId` and `isPinned`. */
  readonly state?: 'running' | 'stopped' | 'not created yet'
  readonly processId?: number | undefined
  readonly version: string
  readonly sizeBytes: number
  readonly isPinned?: boolean
  readonly clients: readonly string[]
  readonly url: string
}

/** A status for people, a line each. */
export function statusLines(status: WarehouseStatus): string[] {
  const { engine, where, state, processId, version, sizeBytes, isPinned, clients, url } = status
  const isRunning = state === 'running' && processId !== undefined
  const lines: [string, string | undefined][] = [
    ['engine', engine],
    ['where', where],
    ['state', isRunning ? `running, process ${processId}` : state],
    ['version', `PostgreSQL ${version}`],
    ['size', formatSize(sizeBytes)],
    ['pinned', isPinned === undefined ? undefined : isPinned ? 'yes, until kx warehouse stop' : 'no'],
    ['clients', clients.join(', ') || 'none'],
    ['url', url],
  ]
  return lines.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(10)}${value}`]))
}

/** What `kx warehouse status` says of an embedded warehouse. */
export function embeddedStatus(status: EngineStatus): WarehouseStatus {
  const { clients, dataDirectory, exists, isPinned, processId, sizeBytes, url, version } = status
  const state = processId === undefined ? 'stopped' : 'running'
  return {
    ...{ engine: 'embedded', where: dataDirectory, state: exists ? state : 'not created yet', processId },
    ...{ version, sizeBytes, isPinned, clients, url },
  }
}

/** What `kx warehouse status` says of a server. */
export async function serverStatus(
  target: Target,
  env: Readonly<Record<string, string | undefined>>,
): Promise<WarehouseStatus> {
  const { address, url } = describeServer(target, env)
  await using warehouse = await openWarehouse(target, {
    poolSize: 1,
    applicationName: 'kx warehouse status',
    env,
  })
  const { rows } = await warehouse.query<{ version: string; size: number; clients: string[] | null }>(
    `select
        current_setting('server_version') as version,
        pg_database_size(current_database()) as size,
        (
            select array_agg(application_name || ' (' || pid || ')' order by backend_start)
            from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
        ) as clients`,
  )
  const [row] = rows
  return {
    ...{ engine: 'server', where: address, version: row?.version ?? '' },
    ...{ sizeBytes: row?.size ?? 0, clients: row?.clients ?? [], url },
  }
}

function formatSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1)
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}
