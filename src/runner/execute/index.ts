export type { RunContext } from './context.ts'
export type { ClaimedEvent, RelationEvent, RunEvent, StepEvent, StepStatus } from './events.ts'
export { executePlan } from './execute.ts'
