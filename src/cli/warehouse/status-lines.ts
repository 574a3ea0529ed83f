import { describeServer, type EngineStatus, openWarehouse, type Target } from '../../warehouse/index.ts'

/** Name and value of each line. */
export type StatusLines = readonly (readonly [string, string])[]

/** What `kx warehouse status` says of an embedded warehouse. */
export function embeddedStatus(status: EngineStatus): StatusLines {
  const { clients, dataDirectory, exists, isPinned, processId, sizeBytes, url, version } = status
  const state = processId === undefined ? 'stopped' : `running, process ${processId}`
  return [
    ['engine', 'embedded'],
    ['where', dataDirectory],
    ['state', exists ? state : 'not created yet'],
    ['version', `PostgreSQL ${version}`],
    ['size', formatSize(sizeBytes)],
    ['pinned', isPinned ? 'yes, until kx warehouse stop' : 'no'],
    ['clients', clients.join(', ') || 'none'],
    ['url', url],
  ]
}

/** What `kx warehouse status` says of a server. */
export async function serverStatus(
  target: Target,
  env: Readonly<Record<string, string | undefined>>,
): Promise<StatusLines> {
  const { address, url } = describeServer(target, env)
  await using warehouse = await openWarehouse(target, {
    poolSize: 1,
    applicationName: 'kx warehouse status',
    env,
  })
  const { rows } = await warehouse.query<{ version: string; size: number; clients: string | null }>(
    `select
        current_setting('server_version') as version,
        pg_database_size(current_database()) as size,
        (
            select string_agg(application_name || ' (' || pid || ')', ', ' order by backend_start)
            from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
        ) as clients`,
  )
  const [row] = rows
  return [
    ['engine', 'server'],
    ['where', address],
    ['version', `PostgreSQL ${row?.version}`],
    ['size', formatSize(row?.size ?? 0)],
    ['clients', row?.clients ?? 'none'],
    ['url', url],
  ]
}

function formatSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1)
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}
