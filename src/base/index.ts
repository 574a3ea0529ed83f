export { type Clock, systemClock } from './clock.ts'
export { formatPlace, isKxError, KxError, type KxErrorOptions, type Place } from './error.ts'
export { exitCodesByError, type KxErrorCode } from './error-codes.ts'
export type { Instrument } from './instrument.ts'
export {
  DAY_MS,
  type Grain,
  grainMs,
  HOUR_MS,
  type Partition,
  parseTimeRange,
  partitionKey,
  partitionOf,
  type TimeRange,
} from './partition.ts'
