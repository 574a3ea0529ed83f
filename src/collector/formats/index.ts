export { type Candle, type CandleSource, newCandle, type ParseLine, type Proof } from './candle.ts'
export { type LandingCandleFields, type LandingPath, parseLandingPath } from './landing.ts'
export { type FileFormat, type FormatName, formatNames, recognise, type Unrecognised } from './recognise.ts'
