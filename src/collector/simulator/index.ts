export { outages } from './deliveries.ts'
export { type SimulatedLanding, writeLanding } from './landing-files.ts'
export { type MarketOptions, simulatedInstruments } from './market.ts'
