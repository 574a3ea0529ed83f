import { type Clock, isKxError, type KxError, linkedSignal, systemClock } from '../../base/index.ts'
import type { Warehouse } from '../../warehouse/index.ts'
import type { SyncedPart } from '../landing/landing.ts'
import type { Tail, TailedPart, TailResult } from '../load/tail.ts'
import type { Log } from '../status/log.ts'
import type { LoadBacklog } from '../status/status.ts'
import { type Backlog, createBacklog } from './backlog.ts'
import { createLoadQuestions } from './load-questions.ts'

/** A warehouse that is there now, and the tail that loads into it. */
export interface OpenBronze extends AsyncDisposable {
  readonly warehouse: Warehouse
  readonly tail: Tail
}

/** Brings what is synced into bronze, for ever; Postgres may come and go. */
export interface Loader extends AsyncDisposable {
  /** Gives false for a sealed part there is no room for now: offer it again. */
  add(part: SyncedPart): boolean
  backlog(): LoadBacklog
  /** Which of these sealed parts are in bronze to their end, as its own ledger says; none while it is away. */
  loaded(parts: readonly SyncedPart[]): Promise<ReadonlySet<string>>
  /** The warehouse, while it can be reached. */
  bronze(): OpenBronze | undefined
  /**
   * Tries at once what waits for its turn. Resolves with true when nothing waits, with false after `deadlineMs` of the
   * machine, or when the warehouse is still away.
   */
  drain(deadlineMs: number): Promise<boolean>
}

export interface LoaderInput {
  /** @throws {KxError} while the warehouse is out of reach */
  readonly open: () => Promise<OpenBronze>
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  /** Told of what each call brought. */
  readonly onLoaded: (result: TailResult) => void
}

const MOST_WAITING = 20_000
/** One call's parts: small enough that live ones do not wait long behind old ones. */
const AT_ONCE = 256
/** Between two calls: each is a transaction. */
const PAUSE_MS = 200
const FAILED_AGAIN_MS = 60_000
const BUSY_AGAIN_MS = 5_000
const RETRY_FROM_MS = 1_000
const RETRY_TO_MS = 60_000
/** Failures while it drains, after which the warehouse counts as away. */
const DRAIN_TRIES = 2

/** Starts to load; connects first, as often as it takes. */
export function openLoader(input: LoaderInput): Loader {
  const { clock, log } = input
  const backlog = createBacklog(MOST_WAITING)
  const failing = new Set<string>()
  const questions = createLoadQuestions()
  const end = new AbortController()
  let wake = new AbortController()
  let hurry = new AbortController()
  let bronze: OpenBronze | undefined
  let trouble: string | undefined
  let failures = 0
  let allFailures = 0
  let rows = 0
  let badLines = 0

  async function run(): Promise<void> {
    while (!end.signal.aborted) {
      try {
        bronze ??= await input.open()
        await questions.answer(bronze.tail)
        await loadOnce(bronze)
        if (trouble !== undefined) log('info', 'warehouse_back', 'the warehouse takes rows again')
        trouble = undefined
        failures = 0
        await pause()
      } catch (error) {
        await fail(error)
      }
    }
    await leave()
  }
  async function loadOnce({ tail }: OpenBronze): Promise<void> {
    const parts = backlog.next(AT_ONCE, clock.monotonicMs())
    if (parts.length === 0) return
    const result = await tail.load(parts)
    for (const part of result.parts) settle(part)
    rows += result.rows
    badLines += result.badLines
    input.onLoaded(result)
  }
  function settle({ path, loadedBytes, problem }: TailedPart): void {
    const nowMs = clock.monotonicMs()
    if (problem?.kind === 'failed' && !isGone(problem.error)) {
      failing.add(path)
      log('warn', 'part_failed', `${path}: ${problem.error.message}`)
      backlog.later(path, nowMs + FAILED_AGAIN_MS)
      return
    }
    if (problem?.kind === 'failed') log('warn', 'part_gone', problem.error.message)
    failing.delete(path)
    if (problem?.kind === 'busy') backlog.later(path, nowMs + BUSY_AGAIN_MS)
    else backlog.done(path, problem ? Number.POSITIVE_INFINITY : loadedBytes, nowMs)
  }
  async function fail(error: unknown): Promise<void> {
    if (end.signal.aborted) return
    trouble = error instanceof Error ? error.message : String(error)
    const cause = isKxError(error) ? causeOf(error) : 'load_failed'
    log('warn', cause, `${trouble}; landing keeps everything, tried again until it works`)
    await leave()
    questions.dismiss()
    failures += 1
    allFailures += 1
    const longestMs = Math.min(RETRY_TO_MS, RETRY_FROM_MS * 2 ** Math.min(failures, 10))
    using hurried = linkedSignal(hurry.signal, end.signal)
    if (!(await clock.sleep(input.random() * longestMs, hurried.signal))) failures = 0
  }
  async function leave(): Promise<void> {
    const left = bronze
    bronze = undefined
    try {
      await left?.[Symbol.asyncDispose]()
    } catch {
      // It is gone already: that is why it is left.
    }
  }
  /** A moment between two calls; until there is something to do, if there is nothing. */
  async function pause(): Promise<void> {
    await clock.sleep(PAUSE_MS, end.signal)
    if (backlog.next(1, clock.monotonicMs()).length > 0 || questions.areAny()) return
    wake = new AbortController()
    using woken = linkedSignal(wake.signal, end.signal)
    await clock.sleep(BUSY_AGAIN_MS, woken.signal)
  }
  const running = run()

  return {
    add(part) {
      const isTaken = backlog.add(part, clock.monotonicMs())
      wake.abort()
      return isTaken
    },
    backlog: () => ({ ...shown(backlog, clock), trouble, rows, badLines, failing: failing.size }),
    loaded(parts) {
      const answer = questions.ask(parts)
      if (bronze === undefined) questions.dismiss()
      wake.abort()
      return answer
    },
    bronze: () => bronze,
    drain(deadlineMs) {
      const before = allFailures
      hurry.abort()
      hurry = new AbortController()
      return drain(backlog, deadlineMs, () => allFailures - before >= DRAIN_TRIES)
    },
    async [Symbol.asyncDispose]() {
      end.abort()
      await running
      questions.dismiss()
    },
  }
}

function shown(backlog: Backlog, clock: Clock) {
  const nowMs = clock.monotonicMs()
  return { parts: backlog.size(), bytes: backlog.bytes(), ageMs: backlog.ageMs(nowMs) }
}

async function drain(backlog: Backlog, deadlineMs: number, isAway: () => boolean): Promise<boolean> {
  const startMs = systemClock.monotonicMs()
  while (backlog.size() > 0 && !isAway() && systemClock.monotonicMs() - startMs < deadlineMs) {
    await systemClock.sleep(20)
  }
  return backlog.size() === 0
}

/** Whether the file is not there any more: deleted after it was loaded, or by hand. */
function isGone({ cause }: KxError): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}

function causeOf(error: KxError): string {
  return error.code.replace(/^KX_/, '').toLowerCase()
}
