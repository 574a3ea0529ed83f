import type { Clock } from '../../base/index.ts'
import type { SyncedPart } from '../landing/landing.ts'
import { listParts } from '../landing/list-parts.ts'
import type { Uploader } from '../upload/uploader.ts'
import type { Loader } from './load-loop.ts'

/** Who reads the landing behind its writers. Their backlog is the files; what they hold of it is bounded. */
export interface PartReaders {
  readonly loader: Loader | undefined
  readonly uploader: Uploader | undefined
  /** Takes what was synced. */
  add(parts: readonly SyncedPart[]): void
  /** Whether bronze has all that the landing has, but for the last seconds. */
  isLoaded(): boolean
  /** Offers what earlier collectors left, and what found no room meanwhile, until `signal` aborts. */
  catchUp(signal: AbortSignal): Promise<void>
}

export interface PartReadersInput {
  readonly landingDirectory: string
  readonly loader: Loader | undefined
  readonly uploader: Uploader | undefined
  readonly clock: Clock
}

const ROOM_AGAIN_MS = 1_000
/** What waits no longer than this is on its way. */
const LATE_MS = 10_000

/** Hands each part to the loader and the uploader. */
export function createPartReaders({
  landingDirectory,
  loader,
  uploader,
  clock,
}: PartReadersInput): PartReaders {
  /** The landing holds sealed parts that the loader was not told of. */
  let isBehind = true
  let isScanning = false

  async function scan(signal: AbortSignal): Promise<void> {
    for await (const part of listParts(landingDirectory)) {
      if (!part.isSealed) continue
      uploader?.add(part)
      while (loader?.add(part) === false && !signal.aborted) await clock.sleep(ROOM_AGAIN_MS, signal)
      if (signal.aborted) return
    }
  }
  return {
    loader,
    uploader,
    add(parts) {
      for (const part of parts) {
        if (loader?.add(part) === false) isBehind = true
        uploader?.add(part)
      }
    },
    isLoaded: () => !isBehind && !isScanning && (loader?.backlog().ageMs ?? 0) < LATE_MS,
    async catchUp(signal) {
      while (!signal.aborted) {
        if (isBehind) {
          isBehind = false
          isScanning = true
          await scan(signal)
          isScanning = false
        }
        await clock.sleep(ROOM_AGAIN_MS, signal)
      }
    },
  }
}
