export { outages } from './day/deliveries.ts'
export { type SimulatedLanding, writeLanding } from './day/landing-files.ts'
export { type MarketOptions, simulatedInstruments } from './day/market.ts'
