import type { EngineHome } from './home.ts'

/** Settings of the embedded server: one machine that does other things too, a few sessions, big statements. */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '60',
  // Containers have a /dev/shm of 64 MB.
  dynamic_shared_memory_type: 'mmap',
  shared_buffers: '128MB',
  effective_cache_size: '2GB',
  maintenance_work_mem: '256MB',
  random_page_cost: '1.1',
  jit: 'off',
  // No replica reads this log: a table filled in the transaction that made it need not be written twice.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  // What a killed kx left running ends soon, so that the next one can stop the server.
  client_connection_check_interval: '1s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] %a ',
}

/** The command line of the server. It goes before what is written in the data directory's own files. */
export function serverArguments(
  { socketDirectory }: EngineHome,
  more: Readonly<Record<string, string>>,
): string[] {
  const all = { ...settings, ...more, unix_socket_directories: socketDirectory, port: '5432' }
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
