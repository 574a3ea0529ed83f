import { randomUUID } from 'node:crypto'
import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { KxError, systemClock } from '../../base/index.ts'
import { makeFolder } from '../landing/make-folder.ts'
import { findHolder, type Holder } from './control.ts'
import { type AnswerRequest, type ControlServer, listenForRequests } from './control-server.ts'
import { claimGeneration, newestGeneration, removeOld, waitingName } from './lock-files.ts'
import { shortPath } from './short-path.ts'

/** A state directory that this process alone uses, until it is disposed of or the process ends, however it ends. */
export interface Lock extends AsyncDisposable {
  readonly holder: Holder
  /** Answers what other processes ask through `callCollector`; before, they hear that it is not ready. */
  serve(answer: AnswerRequest): void
}

/** Who takes a lock. */
export interface LockTaker {
  /** `collect`, `backfill`: others are told. */
  readonly command: string
  /** By the clock of the command, ms. */
  readonly nowMs: number
}

/**
 * Takes the lock of a state directory, which is made if it is missing. The lock is a listening Unix socket, so the
 * kernel releases it with the process.
 *
 * @throws {KxError} KX_COLLECT_BUSY if another process has it; it is named · KX_COLLECT_STATE if it cannot be written
 */
export async function takeLock(stateDirectory: string, taker: LockTaker): Promise<Lock> {
  try {
    return await take(stateDirectory, taker)
  } catch (error) {
    if (!(error instanceof Error) || !('errno' in error)) throw error
    throw new KxError('KX_COLLECT_STATE', `${stateDirectory} cannot be used: ${error.message}`, {
      hint: 'Make it a directory that this user can write to.',
      cause: error,
    })
  }
}

async function take(stateDirectory: string, { command, nowMs }: LockTaker): Promise<Lock> {
  await makeFolder(stateDirectory, 0o700)
  const holder = { pid: process.pid, command, startedAt: new Date(nowMs).toISOString() }
  const waiting = waitingName(randomUUID())
  const control = await bindWaiting(stateDirectory, waiting, answerNothing(holder))
  try {
    await claim(stateDirectory, waiting)
  } catch (error) {
    await control[Symbol.asyncDispose]()
    throw error
  } finally {
    await rm(join(stateDirectory, waiting), { force: true })
  }
  return {
    holder,
    serve: (answer) => control.answerWith(withWho(holder, answer)),
    [Symbol.asyncDispose]: () => control[Symbol.asyncDispose](),
  }
}

async function bindWaiting(
  stateDirectory: string,
  waiting: string,
  answer: AnswerRequest,
): Promise<ControlServer> {
  await using short = await shortPath(stateDirectory)
  const control = await listenForRequests(join(short.path, waiting), answer)
  await chmod(join(stateDirectory, waiting), 0o600)
  return control
}

/** Makes the waiting socket the newest generation, after the one before is seen to be dead. */
async function claim(stateDirectory: string, waiting: string): Promise<void> {
  for (;;) {
    const newest = await newestGeneration(stateDirectory)
    const other = await findHolder(stateDirectory)
    if (other) throw busy(stateDirectory, other)
    if (await claimGeneration(stateDirectory, waiting, newest + 1)) {
      return await removeOld(stateDirectory, newest + 1, systemClock.now())
    }
  }
}

function busy(stateDirectory: string, { pid, command, startedAt }: Holder): KxError {
  const who =
    pid === 0 ? 'another kx, which does not answer,' : `kx ${command} (pid ${pid}, since ${startedAt})`
  return new KxError('KX_COLLECT_BUSY', `${who} uses ${stateDirectory}`, {
    hint: 'Stop it first, or collect from another project directory.',
  })
}

function answerNothing(holder: Holder): AnswerRequest {
  return withWho(holder, async function* () {
    yield* []
    throw new KxError('KX_COLLECT_BUSY', `kx ${holder.command} (pid ${holder.pid}) is not ready to answer`, {
      hint: 'Try again in a moment.',
    })
  })
}

function withWho(holder: Holder, answer: AnswerRequest): AnswerRequest {
  return async function* (request, signal) {
    if (request.type === 'who') yield holder
    else yield* answer(request, signal)
  }
}
