import type { Clock } from '../../base/index.ts'
import { type Landing, openLanding } from '../landing/index.ts'
import type { SyncedPart } from '../landing/landing.ts'
import type { LandingLine } from '../record/index.ts'
import type { Log } from '../status/log.ts'

/** The supervisor's own writer, worker 0: answers of REST, and what happens to the collector. */
export interface OwnLanding extends AsyncDisposable {
  readonly landing: Landing
  /** `<collector>-<boot>-0`. */
  readonly writer: string
  /** Takes lines; resolves when they are on disk. */
  land(lines: readonly LandingLine[]): Promise<void>
  /** `<collector>-<boot>-0-<name>-<n>`, another one each time. */
  nextFeedId(name: string): string
  /** Since something was synced, s; null: nothing yet. */
  sinceSyncS(): number | null
}

export interface OwnLandingInput {
  readonly directory: string
  readonly collectorId: string
  readonly bootId: string
  readonly clock: Clock
  readonly onSynced: (parts: readonly SyncedPart[]) => void
  readonly log: Log
}

/** Opens it; disposing it seals its parts. */
export function openOwnLanding(input: OwnLandingInput): OwnLanding {
  const { clock, log } = input
  const writer = `${input.collectorId}-${input.bootId}-0`
  let syncedMs: number | undefined
  // 0 is the feed of the collector's own events.
  let feeds = 0
  const landing = openLanding({
    directory: input.directory,
    partPrefix: `part-${writer}`,
    clock,
    onSynced(parts) {
      syncedMs = clock.monotonicMs()
      input.onSynced(parts)
    },
    onTrouble(error) {
      if (error) log('error', 'landing_trouble', error.message)
      else log('info', 'landing_back', 'the landing is written again')
    },
  })
  return {
    landing,
    writer,
    async land(lines) {
      landing.append(lines)
      await landing.commit()
    },
    nextFeedId(name) {
      feeds += 1
      return `${writer}-${name}-${feeds}`
    },
    sinceSyncS: () => (syncedMs === undefined ? null : (clock.monotonicMs() - syncedMs) / 1000),
    [Symbol.asyncDispose]: () => landing[Symbol.asyncDispose](),
  }
}
