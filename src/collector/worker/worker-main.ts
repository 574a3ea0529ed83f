import { type Clock, systemClock } from '../../base/index.ts'
import { type WorkerChannel, workerChannel } from './channel.ts'
import { openWorker, type Worker } from './open-worker.ts'
import type { WorkerPlan } from './protocol.ts'

/** What a worker process is given. */
export interface RunWorkerInput {
  readonly channel: WorkerChannel
  /** Scaled as KX_CLOCK says. */
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
  /** Resolves with an error that nobody caught; the worker lands what it has and ends. */
  readonly fatal?: Promise<unknown>
}

/** A worker that is told to stop ends within this time, whatever the disk does, ms of the machine. */
const STOP_MS = 4_500
/** After an error that nobody caught, ms of the machine. */
const FATAL_MS = 3_000
/** Between two status messages: a second, but no more than the machine can use where the clock is fast. */
const STATUS_EVERY_MS = 1_000
const STATUS_MACHINE_MS = 100

/** The process behind `kx collect-worker`. It ends when it is told to, or when its supervisor is gone. */
export async function workerMain(self: NodeJS.Process, clock: Clock): Promise<never> {
  const channel = workerChannel(self)
  const fatal = new Promise<unknown>((resolve) => {
    self.on('uncaughtException', resolve)
    self.on('unhandledRejection', resolve)
  })
  const code = await runWorker({ channel, clock, env: self.env, fatal })
  self.exit(code)
}

/**
 * Does what the supervisor says until it says stop, or is gone: then feeds stop, the landing is sealed. Gives the
 * exit code: 0, or 1 for a worker that has to be started again.
 */
export async function runWorker({ channel, clock, env, fatal }: RunWorkerInput): Promise<number> {
  const orders = listen(channel)
  const failed = (fatal ?? new Promise<never>(() => undefined)).then((error) => ({ error }))
  channel.send({ type: 'ready' })
  const plan = await Promise.race([orders.plan, orders.stopped, failed])
  if (typeof plan === 'string') return farewell(channel, 0)
  if ('error' in plan) return farewell(channel, sayFatal(channel, plan.error))
  const worker = openWorker({ clock, env, plan, send: channel.send })
  orders.hand(worker)
  const end = new AbortController()
  const reporting = report(channel, worker, { clock, signal: end.signal })
  const opening = worker.openFeeds().then(
    () => new Promise<never>(() => undefined),
    (error: unknown) => ({ error }),
  )
  const outcome = await Promise.race([orders.stopped, failed, opening])
  end.abort()
  await reporting
  if (typeof outcome === 'string') return farewell(channel, await stop(worker, channel, outcome))
  const code = sayFatal(channel, outcome.error)
  await within(FATAL_MS, worker.commit())
  await within(FATAL_MS, worker.stop('collector'))
  return farewell(channel, code)
}

interface Orders {
  readonly plan: Promise<WorkerPlan>
  /** Why to stop. */
  readonly stopped: Promise<string>
  /** From here on the worker hears what is said. */
  hand(worker: Worker): void
}

function listen(channel: WorkerChannel): Orders {
  let worker: Worker | undefined
  let start: (plan: WorkerPlan) => void = () => undefined
  let stop: (cause: string) => void = () => undefined
  const plan = new Promise<WorkerPlan>((resolve) => {
    start = resolve
  })
  const stopped = new Promise<string>((resolve) => {
    stop = resolve
  })
  channel.listen((message) => {
    if (message.type === 'start') start(message.plan)
    else if (message.type === 'stop') stop(message.cause)
    else worker?.hear(message)
  })
  // Without a supervisor nobody grants, loads or restarts: a worker alone would be an orphan for ever.
  void channel.closed.then(() => stop('collector'))
  return {
    plan,
    stopped,
    hand(given) {
      worker = given
    },
  }
}

async function report(
  channel: WorkerChannel,
  worker: Worker,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    channel.send({ type: 'status', status: worker.status() })
    await Promise.all([clock.sleep(STATUS_EVERY_MS, signal), systemClock.sleep(STATUS_MACHINE_MS, signal)])
  }
}

async function stop(worker: Worker, channel: WorkerChannel, cause: string): Promise<number> {
  if (await within(STOP_MS, worker.stop(cause))) return 0
  const message = 'not everything could be written in time: what was not synced is lost'
  channel.send({ type: 'log', level: 'error', cause: 'worker_stop', message })
  return 1
}

function sayFatal(channel: WorkerChannel, error: unknown): 1 {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  channel.send({
    type: 'log',
    level: 'error',
    cause: 'worker_failed',
    message: `a worker failed: ${message}`,
  })
  return 1
}

async function farewell(channel: WorkerChannel, code: number): Promise<number> {
  channel.send({ type: 'stopped' })
  await within(1_000, channel.flushed())
  channel.close()
  return code
}

/** Whether it was done in so many ms of the machine. A failure counts as not done. */
async function within(ms: number, done: Promise<void>): Promise<boolean> {
  const limit = new AbortController()
  const isDone = await Promise.race([
    done.then(
      () => true,
      () => false,
    ),
    systemClock.sleep(ms, limit.signal).then(() => false),
  ])
  limit.abort()
  return isDone
}
