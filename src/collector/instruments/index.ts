export { syncInstruments } from './sync.ts'
