export { describeServer } from './connection/describe.ts'
export {
  dropEngine,
  type EngineStatus,
  pinEngine,
  readEngineStatus,
  stopEngine,
} from './engine/control.ts'
export { exportWarehouse } from './export.ts'
export {
  type AssertionResult,
  type AssertionStatus,
  readPasses,
  recordResults,
} from './ledger/assertion-ledger.ts'
export { claimPartitions, lockSchema, releasePartitions } from './ledger/claims.ts'
export {
  type ChangeLine,
  type LoadedFrom,
  type PartitionLine,
  readChanges,
  readLastReason,
  readLoadedFrom,
  readPartition,
  readStepSeconds,
} from './ledger/history.ts'
export { migrateLedger } from './ledger/migrate.ts'
export {
  forgetOtherGrains,
  forgetPartitions,
  forgetRelation,
  type KnownRelation,
  movePartitions,
  readRelations,
  recordCode,
  recordRelation,
  renameRelation,
} from './ledger/relations.ts'
export { readLedger } from './ledger/snapshot.ts'
export { type CountedTable, findShrunkSource, type ShrunkHour } from './ledger/source-check.ts'
export { moveSourceHours, type SourceMove } from './ledger/source-ledger.ts'
export { type KnownSource, type LedgerStart, readLedgerStart, rememberContracts } from './ledger/start.ts'
export {
  type BuiltPartition,
  closeRun,
  type FailedAttempt,
  openRun,
  recordAttempt,
  recordStep,
  type StepRecord,
} from './ledger/step-ledger.ts'
export { type OpenOptions, openWarehouse } from './open.ts'
export { type QueryResult, type Session, SqlError, type SqlErrorFields } from './session.ts'
export { ensureSourceTables, type SourceTable } from './source-table.ts'
export { refreshStatistics } from './statistics.ts'
export { ledgerSchema, sourceLedgerSchema, type Target, type Warehouse } from './warehouse.ts'
