import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { KxError } from '../../../base/index.ts'

/** What the simulator did, in order. Times are ms of the simulator's own clock, without an exchange's skew. */
export type LogRecord = ConnectionRecord | FrameRecord | FaultRecord

/** A connection was opened, or ended. */
export interface ConnectionRecord {
  readonly type: 'open' | 'close'
  readonly atMs: number
  readonly exchange: string
  readonly connection: string
  /** The client's: tells which of several it is. */
  readonly port: number | undefined
  /** Why it ended: `client`, the kind of a fault, a rule of the exchange; undefined when it opened. */
  readonly cause?: string
}

/** A frame with market data. Acks, heartbeats and pings are not here. */
export interface FrameRecord {
  readonly type: 'frame'
  readonly atMs: number
  readonly exchange: string
  readonly connection: string
  /** Counts from 0 per connection, over frames of every kind that were really written. -1: not written. */
  readonly sequence: number
  readonly channel: 'candle' | 'ticker'
  /** The exchange's own name. */
  readonly symbol: string
  /** Minutes that its candles begin at, ms. */
  readonly startsMs: readonly number[]
  /** Whether the connection was sound and the frame went out whole, once, in its turn. */
  readonly isHealthy: boolean
  readonly fate: FrameFate
  /** As it was to be sent. */
  readonly text: string
}

/** `sent`: as it should be. The others are the doings of faults. */
export type FrameFate = 'sent' | 'corrupted' | 'withheld' | 'repeated' | 'late' | 'swapped' | 'split'

/** A fault took effect. */
export interface FaultRecord {
  readonly type: 'fault'
  readonly atMs: number
  readonly kind: string
  readonly exchange: string | undefined
  /** Undefined: none, or all. */
  readonly connection: string | undefined
  readonly symbol: string | undefined
}

/** The log: a file of JSON lines, never held in memory. */
export interface SentLog extends Disposable {
  readonly file: string
  /** How many there are. */
  readonly records: number
  /** Records that were left out because the file is at its limit. */
  readonly dropped: number
  write(record: LogRecord): void
  /** Everything that was written until now is in the file. */
  flush(): void
  /** All records so far, in order. */
  read(): AsyncGenerator<LogRecord>
}

const FLUSH_BYTES = 65_536
const MOST_BYTES = 4 * 1024 ** 3

/**
 * Opens the log in `file` (emptied), or in a temporary one that goes with it.
 *
 * @throws {KxError} KX_USAGE if the file cannot be written
 */
export function openSentLog(file: string | undefined, mostBytes = MOST_BYTES): SentLog {
  const path = file ?? join(mkdtempSync(join(tmpdir(), 'kx-simulator-')), 'log.jsonl')
  const handle = openOrRefuse(path)
  let [waiting, written, records, dropped] = ['', 0, 0, 0]
  const flush = () => {
    if (waiting === '') return
    writeSync(handle, waiting)
    waiting = ''
  }
  return {
    file: path,
    get records() {
      return records
    },
    get dropped() {
      return dropped
    },
    write(record) {
      const line = `${JSON.stringify(record)}\n`
      written += line.length
      if (written > mostBytes) {
        dropped++
        return
      }
      records++
      waiting += line
      if (waiting.length > FLUSH_BYTES) flush()
    },
    flush,
    async *read() {
      flush()
      const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
      for await (const line of lines) yield JSON.parse(line) as LogRecord
    },
    [Symbol.dispose]() {
      flush()
      closeSync(handle)
      if (file === undefined) rmSync(dirname(path), { recursive: true, force: true })
    },
  }
}

function openOrRefuse(path: string): number {
  try {
    return openSync(path, 'w')
  } catch (cause) {
    throw new KxError('KX_USAGE', `the log cannot be written: ${(cause as Error).message}`, {
      hint: 'Correct the path of --log.',
      cause,
    })
  }
}
