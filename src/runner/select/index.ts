export type { TestMode } from './picked.ts'
export { type Selected, type SelectOptions, selectNodes } from './select.ts'
