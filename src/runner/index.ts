export {
  executePlan,
  executeRenames,
  type RunContext,
  type RunEvent,
  type StartedEvent,
  type StepEvent,
} from './execute/index.ts'
export { buildGraph, type Graph, renamesOf } from './graph/index.ts'
export type { Assertion, Model, Project, Source, UnitTest } from './model/index.ts'
export {
  type AssessedModel,
  type AssessedPartition,
  assess,
  formatReason,
  inputRange,
  type PartitionState,
  type Plan,
  type PlanModel,
  type PlannedModel,
  type PlannedPartition,
  type PlanRequest,
  planModels,
  planRun,
} from './plan/index.ts'
export { findProjectDirectory, readProject } from './project/index.ts'
export { type Selected, selectNodes } from './select/index.ts'
export { type Deferred, type Naming, type Resolve, relationName, relationOf, seedSql } from './sql/index.ts'
export { type RenderedProject, renderProject } from './template/index.ts'
