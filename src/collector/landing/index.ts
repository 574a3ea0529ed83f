export {
  type DiskAction,
  type DiskAdvice,
  type DiskLook,
  type DiskSpace,
  type DiskState,
  deletableParts,
  diskAdvice,
  diskLimits,
  expiredParts,
  type KeptPart,
  type Retention,
  ROOMY_DISK,
} from './disk-guard.ts'
export { deletePart, freeSpace } from './free-space.ts'
export type { Landing, SyncedPart } from './landing.ts'
export { type LandingFile, type LandingFiles, systemFiles } from './landing-files.ts'
export { type FoundPart, listParts } from './list-parts.ts'
export { type LandingOptions, openLanding } from './open-landing.ts'
export { linesIn, readDeadLetters, type StoredLetter } from './read-dead-letters.ts'
export { type RecoverOptions, recoverLanding } from './recover-landing.ts'
export { redeliver } from './redeliver.ts'
export {
  type Redelivery,
  type ReplayedLetter,
  type ReplayInput,
  replayDeadLetters,
} from './replay-dead-letters.ts'
export { readReplayLedger } from './replay-ledger.ts'
