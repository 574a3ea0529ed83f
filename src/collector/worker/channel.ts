import { type ChildProcess, fork } from 'node:child_process'
import { KxError } from '../../base/index.ts'
import { mergeFromWorker } from './merge-messages.ts'
import { createOutbox } from './outbox.ts'
import type { FromWorker, ToWorker } from './protocol.ts'

/** One end of the pipe between the supervisor and a worker. */
export interface Channel<Sent, Received> {
  /** Never blocks and never throws: what waits for a slow reader is merged, what finds no reader is dropped. */
  send(message: Sent): void
  /** Called with every message in order, those that came before included. Called once. */
  listen(take: (message: Received) => void): void
  /** Resolves once the pipe has everything that was sent. */
  flushed(): Promise<void>
  /** Resolves when the other side is gone, or `close` was called. */
  readonly closed: Promise<void>
  close(): void
}

/** The worker's end. */
export type WorkerChannel = Channel<FromWorker, ToWorker>

/** The supervisor's end, and the process behind it. */
export interface WorkerLink extends Channel<ToWorker, FromWorker> {
  /** Undefined: it could not be started; `exited` says why. */
  readonly pid: number | undefined
  /** How the process ended; resolves for one that could not be started, too. */
  readonly exited: Promise<WorkerExit>
  /** SIGKILL: for a worker that does not stop when it is told to. */
  kill(): void
}

export interface WorkerExit {
  /** Null: ended by `signal`, or never started. */
  readonly code: number | null
  readonly signal: string | null
  /** Why it could not be started. */
  readonly error: string | undefined
}

/** What runs as a worker. */
export interface ForkOptions {
  /** Absolute; in kx's own case `process.argv[1]`. */
  readonly script: string
  /** `['collect-worker']`. */
  readonly argv: readonly string[]
  /** The whole environment; KX_CLOCK goes with it. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Node's own options: `--max-old-space-size=…`; undefined: those of this process. */
  readonly execArgv?: readonly string[]
}

/**
 * Starts a worker process. Its stdout and stderr are this process's stderr: a worker says everything by message.
 * It ends by itself when this process does.
 */
export function forkWorker({ script, argv, env, execArgv }: ForkOptions): WorkerLink {
  const child = fork(script, argv, {
    env: { ...env },
    stdio: ['ignore', 2, 2, 'ipc'],
    serialization: 'json',
    ...(execArgv && { execArgv: [...execArgv] }),
  })
  const exited = new Promise<WorkerExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal, error: undefined }))
    child.once('error', ({ message }) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, error: message })
    })
  })
  const channel = openChannel<ToWorker, FromWorker>(child, () => undefined)
  return { ...channel, pid: child.pid, exited, kill: () => child.kill('SIGKILL') }
}

/**
 * The worker's end of the pipe that `forkWorker` made.
 *
 * @throws {KxError} KX_USAGE if this process was not started by a supervisor
 */
export function workerChannel(self: NodeJS.Process): WorkerChannel {
  if (self.send === undefined) {
    throw new KxError('KX_USAGE', 'a collect worker is started by kx collect, not by hand', {
      hint: 'Run kx collect.',
    })
  }
  return openChannel<FromWorker, ToWorker>(self, mergeFromWorker)
}

/** Given to the pipe and not taken: more wait in the outbox, where they can be merged. */
const MOST_IN_FLIGHT = 16

type Pipe = Pick<ChildProcess, 'on' | 'connected'> & {
  send?: (message: never, done: (error: Error | null) => void) => boolean
  disconnect?: () => void
}

function openChannel<Sent, Received>(
  pipe: Pipe | NodeJS.Process,
  merge: (waiting: Sent, later: Sent) => Sent | undefined,
): Channel<Sent, Received> {
  const end = pipe as Pipe
  const early: Received[] = []
  let take: ((message: Received) => void) | undefined
  end.on('message', (message) => {
    if (take) take(message as Received)
    else early.push(message as Received)
  })
  const closed = new Promise<void>((resolve) => {
    end.on('disconnect', () => resolve())
    if (!end.connected) resolve()
  })
  // A write that fails tells its own callback; without a listener it would end the process as well.
  end.on('error', () => undefined)
  const outbox = createOutbox<Sent>({
    mostInFlight: MOST_IN_FLIGHT,
    merge,
    write: (message, done) => {
      if (end.connected) end.send?.(message as never, done)
      else queueMicrotask(done)
    },
  })
  return {
    send: outbox.send,
    flushed: outbox.flushed,
    listen(listener) {
      take = listener
      for (const message of early.splice(0)) listener(message)
    },
    closed,
    close: () => {
      if (end.connected) end.disconnect?.()
    },
  }
}
