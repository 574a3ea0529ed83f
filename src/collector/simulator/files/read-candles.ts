import { buffer } from 'node:stream/consumers'
import { type Instrument, isKxError } from '../../../base/index.ts'
import { newCandle, recognise } from '../../formats/index.ts'
import { indexInstruments, instrumentOfFile } from '../../instruments/resolve.ts'
import { findFiles } from '../../load/find-files.ts'
import { type SourceFile, sourcesOf } from '../../load/source-file.ts'
import type { HistoricCandle } from '../market/candle-trades.ts'

/** Candles of files, by the instrument of the list that they are of. */
export interface CandleFiles {
  readonly candles: ReadonlyMap<Instrument, readonly HistoricCandle[]>
  /** Files that are left out, each with the reason. */
  readonly skipped: readonly string[]
}

const LINE_END = 0x0a
const RETURN = 0x0d
const MINUTE_MS = 60_000

/**
 * Reads archives and CSV with 1-minute candles: files, folders, zips, globs. Which listed instrument a file is of
 * is told by its name.
 *
 * @throws {KxError} KX_LOAD_NOT_FOUND if a path names nothing · KX_LOAD_FAILED if a file cannot be read
 */
export async function readCandleFiles(
  paths: readonly string[],
  { directory, instruments }: { readonly directory: string; readonly instruments: readonly Instrument[] },
): Promise<CandleFiles> {
  const byInstrument = new Map<Instrument, Map<number, HistoricCandle>>()
  const skipped: string[] = []
  for (const found of await findFiles(paths, directory)) {
    for await (const source of sourcesOf(found)) {
      const read = await readSource(source, instruments)
      source.release()
      if (typeof read === 'string') skipped.push(`${source.path}: ${read}`)
      else {
        const known = byInstrument.get(read.instrument) ?? new Map<number, HistoricCandle>()
        for (const candle of read.candles) known.set(candle.startMs, candle)
        if (known.size > 0) byInstrument.set(read.instrument, known)
      }
    }
  }
  const candles = new Map([...byInstrument].map(([instrument, known]) => [instrument, [...known.values()]]))
  return { candles, skipped }
}

interface ReadFile {
  readonly instrument: Instrument
  readonly candles: readonly HistoricCandle[]
}

async function readSource(
  source: SourceFile,
  instruments: readonly Instrument[],
): Promise<ReadFile | string> {
  const bytes = source.content ?? (await buffer(await source.open()))
  const format = recognise(bytes, source.innerPath, undefined)
  if ('reason' in format) return format.reason
  if (format.kind !== 'candles' || format.name === 'landing') return 'not an archive or CSV of candles'
  const instrument = listedInstrument(source, format, instruments)
  if (instrument === undefined) return 'its name is that of no listed instrument'
  return { instrument, candles: [...candlesOf(bytes, format)] }
}

type CandleFormat = Extract<Exclude<ReturnType<typeof recognise>, { reason: string }>, { kind: 'candles' }>

function* candlesOf(bytes: Uint8Array, { parse, dataOffset }: CandleFormat): Generator<HistoricCandle> {
  const candle = newCandle()
  for (let from = dataOffset; from < bytes.length; ) {
    const found = bytes.indexOf(LINE_END, from)
    const end = found < 0 ? bytes.length : found
    const to = bytes[end - 1] === RETURN ? end - 1 : end
    const isGood = to > from && parse(bytes, from, to, candle) === undefined
    if (isGood && candle.intervalMs === MINUTE_MS) {
      const { startMs, open, high, low, close, volume, quoteVolume, tradeCount } = candle
      yield { startMs, open, high, low, close, volume, quoteVolume, tradeCount }
    }
    from = end + 1
  }
}

/** Its name as an archive's, or `<anything>_<symbol>.csv`. */
function listedInstrument(
  { innerPath }: SourceFile,
  { name, nativeSymbol }: CandleFormat,
  instruments: readonly Instrument[],
): Instrument | undefined {
  const [, exchangeText = '', symbolText] = /([^/_]+)_([^/_]+)\.csv$/.exec(innerPath) ?? []
  const isGeneric = name === 'csv'
  const named = instruments.filter(
    ({ exchange }) => !isGeneric || exchange.replaceAll('_', '') === exchangeText.toLowerCase(),
  )
  const options = { exchange: undefined, symbol: undefined, quote: undefined, nativeSymbol: undefined }
  try {
    const found = instrumentOfFile(indexInstruments(named), {
      file: innerPath,
      nativeSymbol: isGeneric ? symbolText : nativeSymbol,
      family: isGeneric ? undefined : name,
      options,
    })
    return instruments.find(
      (one) => one.exchange === found.exchange && one.nativeSymbol === found.nativeSymbol,
    )
  } catch (error) {
    if (isKxError(error, 'KX_USAGE')) return undefined
    throw error
  }
}
