import type { DeliveryState } from '../finality/index.ts'
import { type FileFormat, newFeedEvent, newFeedUptime, newTick } from '../formats/index.ts'
import type { Candidate } from './candidate.ts'
import { createCandleRows } from './candle-rows.ts'
import { deadLettersOf } from './dead-letters.ts'
import { createFileReader, type FileReader } from './file-reader.ts'
import type { LoadLane } from './lane.ts'
import { type BadLine, createPump, type RowReader } from './line-pump.ts'
import type { LedgerFile } from './load-ledger.ts'
import { candleNames, tickNames } from './names.ts'
import { createPlainRows, type PlainRowsOptions } from './plain-rows.ts'
import type { CellEncoder } from './row-encoder.ts'
import type { Sink } from './sink.ts'

/**
 * A reader for a file of which bronze holds what `entry` says. What earlier loads wrote of its bad lines without
 * committing it is taken away first.
 *
 * @param isComplete a generic CSV holds every minute with a trade
 * @throws {KxError} KX_COLUMNS_DIFFER
 */
export async function openReader(
  lane: LoadLane,
  candidate: Candidate,
  { entry, isComplete }: { readonly entry: LedgerFile | undefined; readonly isComplete: boolean },
): Promise<FileReader> {
  const { format, relation, fingerprint } = candidate
  const landingFile = entry?.landingFile ?? candidate.landingFile
  const deadLetters = deadLettersOf(lane.stateDirectory, landingFile)
  const line = entry?.toLine ?? format.dataLine
  await deadLetters.prepare(line)
  const bad: BadLine[] = []
  const carry = entry?.carry
  const { reader, sink } = rowsOf(lane, candidate, { landingFile, carry, isComplete })
  return createFileReader({
    file: { relation, landingFile, fingerprint, format: format.name },
    dataOffset: format.dataOffset,
    isGrowing: format.isGrowing,
    fromByte: entry?.toByte ?? 0,
    isLineOpen: entry?.isLineOpen ?? false,
    pump: createPump({ reader, line, onRow: sink.count, onBad: (one) => bad.push(one) }),
    bad,
    deadLetters,
    begin: lane.chunk.begin,
    send: () => lane.chunk.send(sink),
  })
}

interface RowsOptions {
  readonly landingFile: string
  readonly carry: DeliveryState | undefined
  readonly isComplete: boolean
}

interface Rows {
  readonly reader: RowReader
  readonly sink: Sink
}

function rowsOf(lane: LoadLane, { format, instrument }: Candidate, options: RowsOptions): Rows {
  const { nowMs, chunk } = lane
  const { landingFile, carry, isComplete } = options
  const lineage = lineageOf(lane, landingFile)
  const plain = <Row>(
    sink: Sink<CellEncoder<Row>>,
    reading: Pick<PlainRowsOptions<Row>, 'parse' | 'row' | 'timeUs'> & { complete?: (row: Row) => void },
  ): Rows => ({
    sink,
    reader: createPlainRows({ complete: () => {}, ...reading, encoder: sink.encoder, nowMs, lineage }),
  })
  switch (format.kind) {
    case 'candles': {
      const sink = chunk.sink('candles')
      const reader = createCandleRows({
        parse: format.parse,
        encoder: sink.encoder,
        carry,
        provesSilence: provesSilence(format, isComplete),
        saysFinality: format.name === 'landing',
        nowMs,
        describe: candleNames(lane, { instrument, landingFile }),
      })
      return { reader, sink }
    }
    case 'ticks':
      return plain(chunk.sink('ticks'), {
        parse: format.parse,
        row: newTick(),
        timeUs: (tick) => tick.receivedAtUs,
        complete: tickNames(lane),
      })
    case 'connection_events':
      return plain(chunk.sink('connection_events'), {
        parse: format.parse,
        row: newFeedEvent(),
        timeUs: (event) => event.atUs,
      })
    case 'feed_uptime':
      return plain(chunk.sink('feed_uptime'), {
        parse: format.parse,
        row: newFeedUptime(),
        timeUs: (uptime) => uptime.fromUs,
      })
  }
}

function provesSilence({ name }: FileFormat, isComplete: boolean): boolean {
  return name === 'binance' || name === 'kraken' || (name === 'csv' && isComplete)
}

/** Where rows of a file come from, in the load under way. */
function lineageOf({ chunk }: LoadLane, landingFile: string) {
  let lineage = { loadId: Number.NaN, loadedAtUs: Number.NaN, landingFile }
  return () => {
    const { loadId, loadedAtUs } = chunk.current()
    if (loadId !== lineage.loadId || loadedAtUs !== lineage.loadedAtUs)
      lineage = { loadId, loadedAtUs, landingFile }
    return lineage
  }
}
