export {
  type AssertionPlanInput,
  type PlannedAssertion,
  planAssertions,
  type TestedPartition,
} from './assertion-plan.ts'
export { type AssertionEvent, type AssertionOptions, executeAssertions, type TextRows } from './assertions.ts'
export { type BuildEvent, type BuildInput, executeBuild } from './build.ts'
export type { Cells, DifferentRow, RowDifference } from './compare-rows.ts'
export { isDifferent, type StreamDifference } from './compare-streams.ts'
export { diffRelations, type RelationDifference } from './diff.ts'
export { unitTestNodes } from './unit-nodes.ts'
export {
  executeUnitTests,
  type PlannedUnitTest,
  planUnitTests,
  type UnitTestEvent,
  type UnitVariant,
} from './unit-tests.ts'
export { executeVerify, type VerifiedModel, type VerifyEvent } from './verify.ts'
