import type { Clock } from '../../base/index.ts'
import type { SyncedPart } from '../landing/landing.ts'
import { recoverLanding } from '../landing/recover-landing.ts'
import type { Log } from '../status/log.ts'

/** What recovering needs. */
export interface PartRecovery {
  readonly landingDirectory: string
  readonly clock: Clock
  readonly log: Log
  readonly onSynced: (parts: readonly SyncedPart[]) => void
}

const TRIES = 3
const AGAIN_AFTER_MS = 1_000

/**
 * Seals what dead writers left in the landing and hands it on. What cannot be recovered now is a line in the log and
 * stays for the next start. Never rejects.
 */
export async function recoverParts(
  { landingDirectory: directory, clock, log, onSynced }: PartRecovery,
  isLive: (path: string) => boolean,
): Promise<void> {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    try {
      for await (const part of recoverLanding({ directory, isLive })) onSynced([part])
      return
    } catch (error) {
      log('error', 'recovery_failed', error instanceof Error ? error.message : String(error))
      await clock.sleep(AGAIN_AFTER_MS)
    }
  }
}
