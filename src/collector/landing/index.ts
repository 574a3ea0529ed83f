export type { Landing, SyncedPart } from './landing.ts'
export { type LandingFile, type LandingFiles, systemFiles } from './landing-files.ts'
export { type FoundPart, listParts } from './list-parts.ts'
export { type LandingOptions, openLanding } from './open-landing.ts'
export { linesIn, readDeadLetters, type StoredLetter } from './read-dead-letters.ts'
export { redeliver } from './redeliver.ts'
export {
  type Redelivery,
  type ReplayedLetter,
  type ReplayInput,
  replayDeadLetters,
} from './replay-dead-letters.ts'
export { readReplayLedger } from './replay-ledger.ts'
