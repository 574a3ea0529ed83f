export { type Selected, selectNodes } from './select.ts'
