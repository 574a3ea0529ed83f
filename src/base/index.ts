export { Channel } from './channel.ts'
export { type Clock, type ClockScale, scaledClock, systemClock } from './clock.ts'
export { lineAndColumn, placeIn } from './code-frame.ts'
export type { CollectSettings, ExchangeSettings, StoreSettings, TickSettings } from './collect-settings.ts'
export { parseDuration } from './duration.ts'
export {
  formatPlace,
  isKxError,
  KxError,
  type KxErrorOptions,
  type Place,
  placedAt,
  withPlace,
} from './error.ts'
export { exitCodesByError, type KxErrorCode } from './error-codes.ts'
export { hashText } from './hash.ts'
export { identifier, literal } from './identifier.ts'
export type { Instrument } from './instrument.ts'
export { isRunning } from './is-running.ts'
export type {
  LedgerException,
  LedgerRange,
  LedgerRows,
  LedgerSnapshot,
  ModelLedgerRows,
} from './ledger-snapshot.ts'
export { type LinkedSignal, linkedSignal } from './linked-signal.ts'
export { nearest } from './nearest.ts'
export { once } from './once.ts'
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
export { PriorityQueue } from './priority-queue.ts'
