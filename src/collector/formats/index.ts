export { type Candle, newCandle, type ParseLine } from './candle.ts'
export { parseLandingPath } from './landing.ts'
export { type FileFormat, type FormatName, formatNames, recognise, type Unrecognised } from './recognise.ts'
