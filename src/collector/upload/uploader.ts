import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, linkedSignal } from '../../base/index.ts'
import type { SyncedPart } from '../landing/landing.ts'
import { openManifest } from './manifest.ts'
import type { ObjectStore } from './object-store.ts'
import { type SentPart, sendPart } from './send-part.ts'
import { backoffMs, type StoreLog, tellFailure } from './store-failure.ts'
import { askStore } from './store-question.ts'

/**
 * Asks the store at once whether it answers, and sends sealed parts to it, oldest first, for as long as it takes; one
 * that failed goes behind the others. Its backlog is the files.
 */
export interface Uploader extends AsyncDisposable {
  /** A part to send; one that is not sealed or is sent already is passed over. */
  add(part: SyncedPart): void
  /** Whether a part is in the store for good. */
  isUploaded(path: string): boolean
  backlog(): UploadBacklog
  /** Tries at once what waits for its turn. Resolves with true when nothing waits, with false after `deadlineMs`. */
  drain(deadlineMs: number): Promise<boolean>
  /** Tries that failed since the start. */
  failures(): number
}

export interface UploadBacklog {
  readonly parts: number
  /** Uncompressed. */
  readonly bytes: number
  /** How long the oldest waits, ms. */
  readonly ageMs: number
  /** Why nothing goes through now. */
  readonly trouble: string | undefined
}

export interface UploaderInput {
  readonly store: ObjectStore
  readonly landingDirectory: string
  /** Holds the manifest. */
  readonly stateDirectory: string
  readonly clock: Clock
  readonly random: () => number
  readonly log: StoreLog
}

/** Parts sent side by side; each is in memory meanwhile, gzipped. */
const LANES = 4

/** Opens an uploader; it begins at once. Disposing it leaves what waits for the next time. */
export async function openUploader(input: UploaderInput): Promise<Uploader> {
  const { clock } = input
  const manifest = await openManifest(join(input.stateDirectory, 'uploaded.jsonl'), (path) =>
    existsSync(join(input.landingDirectory, path)),
  )
  const end = new AbortController()
  const waiting = new Map<string, { readonly part: SyncedPart; readonly sinceMs: number }>()
  const sending = new Set<string>()
  let trouble: string | undefined
  let allFailures = 0
  let wake = () => {}
  let hurry = new AbortController()

  async function lane(): Promise<void> {
    let failures = 0
    while (!end.signal.aborted) {
      const next = nextOf(waiting, sending)
      if (!next) {
        await woken()
        continue
      }
      sending.add(next.path)
      const sent = await send(next)
      sending.delete(next.path)
      failures = sent ? 0 : failures + 1
      const tried = waiting.get(next.path)
      waiting.delete(next.path)
      // One that cannot be read would be the next one again and again.
      if (!sent && tried) waiting.set(next.path, tried)
      wake()
      if (sent) continue
      allFailures += 1
      using hurried = linkedSignal(hurry.signal, end.signal)
      if (!(await clock.sleep(backoffMs(failures, input.random), hurried.signal))) failures = 0
    }
  }
  async function send(part: SyncedPart): Promise<boolean> {
    try {
      const sent = await sendPart(input.store, {
        directory: input.landingDirectory,
        part,
        signal: end.signal,
      })
      await manifest.add(part.path, sent.content)
      if (why() !== undefined) input.log('info', 'store_back', 'the store takes parts again')
      trouble = undefined
      question.settle()
      tellConflict(input, sent)
      return true
    } catch (error) {
      if (end.signal.aborted) return false
      trouble = error instanceof Error ? error.message : String(error)
      tellFailure(input.log, error)
      return false
    }
  }
  let changed = Promise.resolve()
  function arm(): void {
    changed = new Promise((resolve) => {
      wake = () => {
        resolve()
        arm()
      }
    })
  }
  const woken = () => changed
  arm()
  const question = askStore({ ...input, isTroubled: () => trouble !== undefined })
  const why = () => trouble ?? question.trouble()
  const lanes = Array.from({ length: LANES }, () => lane())

  return {
    add(part) {
      if (!part.isSealed || part.bytes === 0 || manifest.has(part.path) || waiting.has(part.path)) return
      waiting.set(part.path, { part, sinceMs: clock.monotonicMs() })
      wake()
    },
    isUploaded: (path) => manifest.has(path),
    backlog() {
      const nowMs = clock.monotonicMs()
      let [bytes, ageMs] = [0, 0]
      for (const { part, sinceMs } of waiting.values()) {
        bytes += part.bytes
        ageMs = Math.max(ageMs, nowMs - sinceMs)
      }
      return { parts: waiting.size, bytes, ageMs, trouble: why() }
    },
    failures: () => allFailures,
    async drain(deadlineMs) {
      hurry.abort()
      hurry = new AbortController()
      const over = new AbortController()
      const isOver = clock.sleep(deadlineMs, over.signal)
      while (waiting.size > 0 && !end.signal.aborted) {
        if (await Promise.race([isOver, woken().then(() => false)])) break
      }
      over.abort()
      return waiting.size === 0
    },
    async [Symbol.asyncDispose]() {
      end.abort()
      wake()
      await Promise.all([...lanes, question[Symbol.asyncDispose]()])
      await manifest[Symbol.asyncDispose]()
    },
  }
}

/** The first that nobody sends: it waits longest, or was tried longest ago. */
function nextOf(
  waiting: ReadonlyMap<string, { readonly part: SyncedPart }>,
  sending: ReadonlySet<string>,
): SyncedPart | undefined {
  for (const [path, { part }] of waiting) if (!sending.has(path)) return part
  return undefined
}

function tellConflict({ log }: UploaderInput, { key, outcome }: SentPart): void {
  if (outcome !== 'conflict') return
  log('error', 'store_conflict', `the store held other content under a part's key; it is now ${key}`)
}
