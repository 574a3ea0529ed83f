export { type Outage, outages } from './deliveries.ts'
export { type Arrival, type SimulatedLanding, writeLanding } from './landing-files.ts'
export {
  isQuiet,
  type MarketOptions,
  type SimulatedInstrument,
  simulatedInstruments,
  type TrueCandle,
  truthOf,
} from './market.ts'
