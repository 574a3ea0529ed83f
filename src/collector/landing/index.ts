export type { Landing, SyncedPart } from './landing.ts'
export { type LandingFile, type LandingFiles, systemFiles } from './landing-files.ts'
export { type LandingOptions, openLanding } from './open-landing.ts'
