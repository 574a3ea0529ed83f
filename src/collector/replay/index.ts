export { readLines } from './read-lines.ts'
export { type ReplayedFrame, type ReplayOptions, replayRecording } from './replay-recording.ts'
export { type ReplayTally, tallyCounter } from './replay-tally.ts'
