export type {
  CandleRow,
  CandleTexts,
  ConnectionEvent,
  LandingLine,
  Origin,
  TickRow,
  UptimeSegment,
} from './record.ts'
