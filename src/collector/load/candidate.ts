import { createHash } from 'node:crypto'
import { isAbsolute, relative, sep } from 'node:path'
import type { Target } from '../../warehouse/index.ts'
import { type FileFormat, parseLandingPath, recognise, type Unrecognised } from '../formats/index.ts'
import { type InstrumentIndex, instrumentOfFile, type ResolvedInstrument } from '../instruments/resolve.ts'
import { missingTable } from './bronze-tables.ts'
import type { LoadLane } from './lane.ts'
import type { LoadOptions } from './load-event.ts'
import { relationOf } from './removal-ledger.ts'
import { SMALL_BYTES, type SourceFile } from './source-file.ts'
import { unreadable } from './unreadable.ts'

/** A file that holds records of one kind, ready to be read. */
export interface Candidate {
  readonly source: SourceFile
  readonly format: FileFormat
  /** Where its rows go, as the ledger names it: `bronze.ohlcv_native`. */
  readonly relation: string
  /** What the ledger calls it: the same for a file and its gzip. */
  readonly landingFile: string
  /** Of instrument and first line, 52 bits: equal for copies under other names. */
  readonly fingerprint: number
  /** Undefined for landing: each line names its own. */
  readonly instrument: ResolvedInstrument | undefined
  /** The whole text, where it is small. */
  readonly content: Uint8Array | undefined
}

/** What of a load's options says what a file is. */
export type NameOptions = Pick<
  LoadOptions,
  'directory' | 'projectDirectory' | 'format' | 'exchange' | 'symbol' | 'quote' | 'nativeSymbol'
>

/**
 * Reads a file's beginning and says what it is, or why it is not loaded.
 *
 * @throws {KxError} KX_LOAD_FAILED if it cannot be read, KX_USAGE if its instrument cannot be told
 */
export async function readCandidate(
  source: SourceFile,
  { index, tables }: Pick<LoadLane, 'index' | 'tables'>,
  options: NameOptions,
): Promise<Candidate | Unrecognised> {
  const { bytes, isWhole } = await readHead(source)
  if (bytes.length === 0) return { reason: 'empty', isWaiting: true }
  const format = recognise(bytes, source.innerPath.split(sep).join('/'), options.format)
  if ('reason' in format) return format
  const table = tables[format.kind]
  if (!table) return { reason: missingTable(format.kind) }
  if (format.firstLine === '') return { reason: 'no lines yet', isWaiting: true }
  const instrument = format.name === 'landing' ? undefined : instrumentFor(source, format, index, options)
  const owner = instrument ? `${instrument.exchange} ${instrument.nativeSymbol}` : ''
  return {
    source,
    format,
    relation: relationOf(table),
    landingFile: landingName(source, format, options.projectDirectory ?? options.directory),
    fingerprint: hash52(`${format.name} ${owner}\n${format.firstLine.replace(/\r$/, '')}`),
    instrument,
    content: isWhole ? bytes : undefined,
  }
}

/** The advisory lock of a file's content: whoever loads it, under whatever name, holds it until it has committed. */
export function fileLockKey(target: Target, { relation, fingerprint }: Candidate): number {
  return hash52(`${target.sourcePrefix}kx load ${relation} ${fingerprint}`)
}

/** A number of 52 bits that stands for a text. */
function hash52(text: string): number {
  return Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 13), 16)
}

function instrumentFor(
  source: SourceFile,
  format: FileFormat,
  index: InstrumentIndex,
  options: NameOptions,
): ResolvedInstrument {
  const { exchange, symbol, quote, nativeSymbol } = options
  return instrumentOfFile(index, {
    file: source.path,
    nativeSymbol: format.nativeSymbol,
    family: format.name === 'csv' ? undefined : format.name,
    options: { exchange, symbol, quote, nativeSymbol },
  })
}

function landingName(source: SourceFile, format: FileFormat, directory: string): string {
  const path = source.path.split(sep).join('/')
  const hive = format.name === 'landing' ? parseLandingPath(path).relativePath : undefined
  if (hive !== undefined) return hive
  const below = relative(directory, source.path)
  const name = below.startsWith('..') || isAbsolute(below) ? path : below.split(sep).join('/')
  return name.replace(/\.gz$/, '')
}

async function readHead(source: SourceFile): Promise<{ bytes: Uint8Array; isWhole: boolean }> {
  if (source.content) return { bytes: source.content, isWhole: true }
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    const stream = await source.open()
    // Leaving the loop early destroys the stream; a large file is opened once more to be loaded.
    for await (const chunk of stream) {
      chunks.push(chunk)
      size += chunk.length
      if (size > SMALL_BYTES) return { bytes: Buffer.concat(chunks), isWhole: false }
    }
  } catch (error) {
    // A torn archive: what can be read of it is loaded as a stream, which then says where it ends.
    if (size > 0) return { bytes: Buffer.concat(chunks), isWhole: false }
    throw unreadable(source.path, error)
  }
  return { bytes: Buffer.concat(chunks), isWhole: true }
}
