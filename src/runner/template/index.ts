export { type RenderedProject, renderProject } from './render-project.ts'
export { type RowCondition, rowConditionOf } from './row-condition.ts'
