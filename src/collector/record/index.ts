export { isoOf } from './iso.ts'
export type {
  CandleRow,
  CandleTexts,
  ConnectionEvent,
  LandingLine,
  Origin,
  TickRow,
  UptimeSegment,
} from './record.ts'
