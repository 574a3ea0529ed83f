import type { CollectStatus } from './status.ts'

/** One metric: its samples are read from a status. */
interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  readonly labels: readonly string[]
  readonly samples: (status: CollectStatus) => readonly Sample[]
}

interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number | null | undefined
}

const PREFIX = 'kx_collect_'

/** Every metric there is; docs/collector.md says what each means. */
export const metrics: readonly Metric[] = [
  perExchange('frames_total', 'counter', 'Frames received.', ({ frames }) => frames),
  perExchange('received_bytes_total', 'counter', 'Bytes of frames received.', ({ bytes }) => bytes),
  perExchange('records_total', 'counter', 'Records landed, derived ones included.', ({ records }) => records),
  perExchange(
    'landed_bytes_total',
    'counter',
    'Bytes synced to the landing.',
    ({ landedBytes }) => landedBytes,
  ),
  perExchange(
    'dead_letters_total',
    'counter',
    'Frames that no parser knows.',
    ({ deadLetters }) => deadLetters,
  ),
  {
    name: 'reconnects_total',
    help: 'Connections that ended, by cause.',
    type: 'counter',
    labels: ['exchange', 'cause'],
    samples: ({ exchanges }) =>
      exchanges.flatMap(({ exchange, reconnectsByCause }) =>
        Object.entries(reconnectsByCause).map(([cause, value]) => ({ labels: { exchange, cause }, value })),
      ),
  },
  perExchange('connections', 'gauge', 'Open connections.', ({ connections }) => connections),
  {
    name: 'symbols',
    help: 'Subscribed symbols by state: live, stale, rejected.',
    type: 'gauge',
    labels: ['exchange', 'state'],
    samples: ({ exchanges }) =>
      exchanges.flatMap(({ exchange, symbolsLive, symbolsStale, symbolsRejected }) => [
        { labels: { exchange, state: 'live' }, value: symbolsLive },
        { labels: { exchange, state: 'stale' }, value: symbolsStale.length },
        { labels: { exchange, state: 'rejected' }, value: symbolsRejected.length },
      ]),
  },
  {
    name: 'data_age_seconds',
    help: 'Age of the newest data of a symbol.',
    type: 'gauge',
    labels: ['exchange', 'symbol'],
    samples: ({ exchanges }) =>
      exchanges.flatMap(({ exchange, dataAgeS }) =>
        Object.entries(dataAgeS).map(([symbol, value]) => ({ labels: { exchange, symbol }, value })),
      ),
  },
  perExchange(
    'lag_seconds',
    'gauge',
    "Our clock at reception minus the exchange's in the newest frame; may be negative.",
    ({ lagMs }) => inSeconds(lagMs),
  ),
  perExchange('clock_offset_seconds', 'gauge', "The exchange's clock minus ours.", ({ clockOffsetMs }) =>
    inSeconds(clockOffsetMs),
  ),
  perExchange(
    'open_minutes',
    'gauge',
    'Expected minutes without a final row.',
    ({ openMinutes }) => openMinutes,
  ),
  single(
    'since_sync_seconds',
    'gauge',
    'Since the last synced line, of the slowest writer.',
    ({ landing }) => landing.sinceSyncS,
  ),
  single('pending_bytes', 'gauge', 'Received and not yet synced.', ({ landing }) => landing.pendingBytes),
  single('disk_free_bytes', 'gauge', 'Free space where the landing is.', ({ landing }) => landing.freeBytes),
  single(
    'disk_paused_kinds',
    'gauge',
    'Kinds of feeds that a full disk holds back.',
    ({ landing }) => landing.paused.length,
  ),
  single(
    'unloaded_parts',
    'gauge',
    'Parts with synced lines that are not in bronze.',
    ({ load }) => load?.parts,
  ),
  single('unloaded_bytes', 'gauge', 'Synced bytes that are not in bronze.', ({ load }) => load?.bytes),
  single('unloaded_age_seconds', 'gauge', 'How long the oldest of them wait.', ({ load }) =>
    inSeconds(load?.ageMs),
  ),
  single('failing_parts', 'gauge', 'Parts that the loader cannot load.', ({ load }) => load?.failing),
  single('loaded_rows_total', 'counter', 'Rows brought into bronze.', ({ load }) => load?.rows),
  single('bad_lines_total', 'counter', 'Landing lines that are no records.', ({ load }) => load?.badLines),
  single(
    'unuploaded_parts',
    'gauge',
    'Sealed parts that are not in the store.',
    ({ upload }) => upload?.parts,
  ),
  single('unuploaded_bytes', 'gauge', 'Their bytes, uncompressed.', ({ upload }) => upload?.bytes),
  single('unuploaded_age_seconds', 'gauge', 'How long the oldest of them waits.', ({ upload }) =>
    inSeconds(upload?.ageMs),
  ),
  single('store_trouble', 'gauge', 'Whether the store refuses or does not answer.', ({ upload }) =>
    upload ? Number(upload.trouble !== undefined) : undefined,
  ),
  single(
    'worker_restarts_total',
    'counter',
    'Worker processes started after the first of each.',
    ({ workerRestarts }) => workerRestarts,
  ),
  {
    name: 'workers',
    help: 'Workers by phase.',
    type: 'gauge',
    labels: ['phase'],
    samples: ({ workers }) =>
      [...new Set(workers.map(({ phase }) => phase))].map((phase) => ({
        labels: { phase },
        value: workers.filter((worker) => worker.phase === phase).length,
      })),
  },
  perProcess('resident_bytes', 'Resident memory of a process; worker 0 is the supervisor.', {
    ofWorker: ({ residentBytes }) => residentBytes,
    ofSupervisor: ({ residentBytes }) => residentBytes,
  }),
  perProcess('loop_delay_seconds', 'Event-loop delay, 99th percentile; worker 0 is the supervisor.', {
    ofWorker: ({ loopDelayP99Ms }) => inSeconds(loopDelayP99Ms),
    ofSupervisor: ({ loopDelayP99Ms }) => inSeconds(loopDelayP99Ms),
  }),
]

/** Renders a status for Prometheus. */
export interface MetricsPage {
  readonly contentType: string
  render(status: CollectStatus): Promise<string>
}

/** Opens a registry of its own; prom-client is loaded here, and only here. */
export async function openMetricsPage(): Promise<MetricsPage> {
  // A CommonJS module: in a bundle it has no other export.
  const { default: prom } = await import('prom-client')
  const { Counter, Gauge, Registry } = prom
  const registry = new Registry()
  const registered = metrics.map((metric) => {
    const Kind = metric.type === 'counter' ? Counter : Gauge
    const { help, labels } = metric
    return {
      metric,
      shown: new Kind({
        name: `${PREFIX}${metric.name}`,
        help,
        labelNames: [...labels],
        registers: [registry],
      }),
    }
  })
  return {
    contentType: registry.contentType,
    render(status) {
      for (const { metric, shown } of registered) {
        shown.reset()
        // Without a label there is one sample of 0 after a reset: nothing is known is not 0.
        shown.remove({})
        for (const { labels, value } of metric.samples(status)) {
          if (value !== null && value !== undefined) shown.inc({ ...labels }, value)
        }
      }
      return registry.metrics()
    },
  }
}

type Worker = CollectStatus['workers'][number]

function perExchange(
  name: string,
  type: Metric['type'],
  help: string,
  value: (exchange: CollectStatus['exchanges'][number]) => Sample['value'],
): Metric {
  const samples: Metric['samples'] = ({ exchanges }) =>
    exchanges.map((one) => ({ labels: { exchange: one.exchange }, value: value(one) }))
  return { name, type, help, labels: ['exchange'], samples }
}

function single(
  name: string,
  type: Metric['type'],
  help: string,
  value: (status: CollectStatus) => Sample['value'],
): Metric {
  return { name, type, help, labels: [], samples: (status) => [{ value: value(status) }] }
}

function perProcess(
  name: string,
  help: string,
  {
    ofWorker,
    ofSupervisor,
  }: {
    readonly ofWorker: (worker: Worker) => Sample['value']
    readonly ofSupervisor: (supervisor: CollectStatus['supervisor']) => Sample['value']
  },
): Metric {
  const samples: Metric['samples'] = ({ supervisor, workers }) => [
    { labels: { worker: '0' }, value: ofSupervisor(supervisor) },
    ...workers.map((worker) => ({
      labels: { worker: String(worker.worker ?? '') },
      value: ofWorker(worker),
    })),
  ]
  return { name, type: 'gauge', help, labels: ['worker'], samples }
}

function inSeconds(ms: number | null | undefined): number | undefined {
  return ms === null || ms === undefined ? undefined : ms / 1000
}
