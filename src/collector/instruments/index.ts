export { type InstrumentChanges, syncInstruments } from './sync.ts'
