import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { exitCodesByError, KxError, type KxErrorCode, systemClock } from '../../base/index.ts'
import type { SyncedPart } from '../landing/landing.ts'
import { readJsonLines, writeJsonLine } from './json-lines.ts'
import { heldName, newestGeneration } from './lock-files.ts'
import { shortPath } from './short-path.ts'

/** What one process asks of the one that holds the state directory. Plain JSON. */
export type ControlRequest =
  /** Answered once, with a `Holder`. */
  | { readonly type: 'who' }
  /** Answered once, with what the collector shows of itself. */
  | { readonly type: 'status' }
  /** Sealed parts that another process put into the landing: they are loaded and uploaded. Answered with nothing. */
  | { readonly type: 'parts'; readonly parts: readonly SyncedPart[] }
  /** Answered with an event a line, until it is done. */
  | {
      readonly type: 'backfill'
      readonly fromMs: number
      /** Exclusive. */
      readonly toMs: number
      /** Undefined: all. */
      readonly exchanges?: readonly string[]
      /** Patterns, as `--symbols` has them; undefined: all. */
      readonly symbols?: string
    }

/** Who holds the state directory. */
export interface Holder {
  readonly pid: number
  /** `collect`, `backfill`. */
  readonly command: string
  /** ISO 8601, by the clock of that process. */
  readonly startedAt: string
}

/** How long a holder may take to say who it is, ms of the machine. */
const WHO_MS = 2000

/**
 * Asks whoever holds the state directory; undefined: nobody does. Leaving the answers ends the request there too.
 *
 * @throws {KxError} while the answers are read: what the other process threw, or KX_COLLECT_LOST if it ended
 */
export async function callCollector(
  stateDirectory: string,
  request: ControlRequest,
): Promise<AsyncGenerator<unknown, void> | undefined> {
  const socket = await connectToHolder(stateDirectory)
  return socket && readAnswers(socket, request)
}

/** Who holds the state directory; undefined: nobody. Of one that does not answer only `pid` 0 is told. */
export async function findHolder(stateDirectory: string): Promise<Holder | undefined> {
  const socket = await connectToHolder(stateDirectory)
  return socket && (await askWho(socket))
}

/** A connection to the process that holds the newest generation of the lock; undefined: none lives. */
async function connectToHolder(stateDirectory: string): Promise<Socket | undefined> {
  const generation = await newestGeneration(stateDirectory).catch(() => 0)
  if (generation === 0) return undefined
  await using short = await shortPath(stateDirectory)
  return await connectTo(join(short.path, heldName(generation)))
}

function connectTo(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.off('error', refuse)
      // Reading tells of it.
      socket.on('error', () => undefined)
      resolve(socket)
    })
    const refuse = (error: NodeJS.ErrnoException) => {
      // A refusal is what the kernel leaves of a process that ended.
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(undefined)
      else reject(cannotReach(path, error))
    }
    socket.once('error', refuse)
  })
}

function cannotReach(path: string, cause: NodeJS.ErrnoException): KxError {
  return new KxError(
    'KX_COLLECT_BUSY',
    `another process holds ${path} and cannot be asked: ${cause.message}`,
    {
      hint: 'Run this as the user that runs kx collect.',
      cause,
    },
  )
}

async function askWho(socket: Socket): Promise<Holder> {
  const given = new AbortController()
  void systemClock.sleep(WHO_MS, given.signal).then((isOver) => isOver && socket.destroy())
  try {
    for await (const holder of readAnswers(socket, { type: 'who' })) return holder as Holder
  } catch {
    // Alive, and too busy to answer: it is there all the same.
  } finally {
    given.abort()
  }
  return { pid: 0, command: '', startedAt: '' }
}

async function* readAnswers(socket: Socket, request: ControlRequest): AsyncGenerator<unknown, void> {
  let isDone = false
  try {
    await writeJsonLine(socket, request)
    for await (const line of readJsonLines(socket)) {
      const answer = line as Answer
      if ('error' in answer) throw asError(answer.error)
      if ('done' in answer) isDone = true
      else yield answer.value
      if (isDone) return
    }
  } finally {
    socket.destroy()
  }
  throw new KxError('KX_COLLECT_LOST', 'the collector ended before it had answered', {
    hint: 'Look at its log, then try again.',
  })
}

/** One line of an answer. */
export type Answer =
  | { readonly value: unknown }
  | { readonly done: true }
  | { readonly error: { readonly code: string; readonly message: string; readonly hint?: string } }

function asError({ code, message, hint }: { code: string; message: string; hint?: string }): Error {
  if (!(code in exitCodesByError)) return new Error(message)
  return new KxError(code as KxErrorCode, message, hint === undefined ? {} : { hint })
}
