export type { SimulatedInstrument, TrueCandle } from '../day/market.ts'
export { checkFault } from '../faults/check-fault.ts'
export type { Fault, FaultKind } from '../faults/fault.ts'
export { faultKinds } from '../faults/fault-fields.ts'
export { type FaultOrder, parseFaultOrder } from '../faults/parse-fault.ts'
export { type CandleFiles, readCandleFiles } from '../files/read-candles.ts'
export type { HistoricCandle } from '../market/candle-trades.ts'
export { type Market, openMarket } from '../market/market.ts'
export { type ControlServer, openControlServer } from './control-server.ts'
export type { ExchangeUrls } from './exchange-server.ts'
export {
  openSimulator,
  type SimulatedExchange,
  type Simulator,
  type SimulatorOptions,
  simulatedExchanges,
} from './open-simulator.ts'
export type { ConnectionRecord, FaultRecord, FrameFate, FrameRecord, LogRecord, SentLog } from './sent-log.ts'
export { truthLines } from './truth-lines.ts'
