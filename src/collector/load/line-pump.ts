import type { DeliveryState } from '../finality/index.ts'

/** A line that is no record. */
export interface BadLine {
  readonly line: number
  readonly reason: string
  readonly text: string
}

/** What a file's rows since the last commit came to. */
interface PumpCounts {
  /** All rows, quiet ones included. */
  rows: number
  quiet: number
  bad: number
  /** Times of rows, ms; NaN: none. */
  firstStartMs: number
  lastStartMs: number
}

/** Turns lines of one kind into rows. A line may give none, one or, with what it closes, many. */
export interface RowReader {
  /** Reads a line. @returns why it is bad, or undefined: then its rows wait */
  read(bytes: Uint8Array, from: number, to: number): string | undefined
  /** Whether rows wait to be written. */
  hasRow(): boolean
  /** Writes the next row, which came with `line`; gives its time, ms. */
  write(line: number): number
  /** Whether what was written is to be sent first. */
  isFull(): boolean
  /** Something was lost: what follows proves nothing about it. */
  lose(): void
  /** Whether a line could be read; takes nothing. */
  accepts(line: Uint8Array): boolean
  /** What the next lines need to know of the ones before. */
  carry(): DeliveryState | undefined
  /** Rows of silence since this was last asked. */
  takeQuiet(): number
}

/** Turns the lines of one file into rows, as many at a time as a buffer holds. */
export interface LinePump {
  /** Gives the pump whole lines; the ones before must be spent. */
  load(block: Uint8Array): void
  /** Writes rows until the buffer is full (false) or the block is spent (true). */
  step(): boolean
  /** Whether `line`, a file's last one without its end, is a good row; takes nothing. */
  accepts(line: Uint8Array): boolean
  /** Counts a line that is too long to hold. */
  reject(bad: Omit<BadLine, 'line'>): void
  /** The number of the next line. */
  nextLine(): number
  carry(): DeliveryState | undefined
  /** The counts since they were last taken. */
  takeCounts(): PumpCounts
}

const LF = 0x0a
const CR = 0x0d
const MAX_TEXT_BYTES = 65_536

/** A pump for one file, whose next line has this number. */
export function createPump({
  reader,
  line: firstLine,
  onRow,
  onBad,
}: {
  readonly reader: RowReader
  readonly line: number
  readonly onRow: (timeMs: number) => void
  readonly onBad: (bad: BadLine) => void
}): LinePump {
  let block: Uint8Array = new Uint8Array(0)
  let at = 0
  let line = firstLine
  let counts = noCounts()

  function emit(): void {
    const timeMs = reader.write(line - 1)
    onRow(timeMs)
    counts.rows++
    if (!(timeMs >= counts.firstStartMs)) counts.firstStartMs = timeMs
    if (!(timeMs <= counts.lastStartMs)) counts.lastStartMs = timeMs
  }
  function bad(reason: string, text: string): void {
    counts.bad++
    reader.lose()
    onBad({ line: line - 1, reason, text })
  }
  function readLine(): void {
    const from = at
    const end = block.indexOf(LF, from)
    const stop = end < 0 ? block.length : end
    at = stop + 1
    line++
    const to = stop > from && block[stop - 1] === CR ? stop - 1 : stop
    if (to === from) return
    const reason = reader.read(block, from, to)
    if (reason !== undefined) bad(reason, textOf(block, from, to))
  }

  return {
    load(next) {
      block = next
      at = 0
    },
    step() {
      for (;;) {
        if (reader.isFull()) return false
        if (reader.hasRow()) emit()
        else if (at >= block.length) return true
        else readLine()
      }
    },
    accepts: reader.accepts,
    reject({ reason, text }) {
      line++
      bad(reason, text)
    },
    nextLine: () => line,
    carry: reader.carry,
    takeCounts() {
      const taken = { ...counts, quiet: reader.takeQuiet() }
      counts = noCounts()
      return taken
    },
  }
}

function textOf(block: Uint8Array, from: number, to: number): string {
  const bytes = Buffer.from(block.buffer, block.byteOffset + from, Math.min(to - from, MAX_TEXT_BYTES))
  return bytes.toString('utf8')
}

function noCounts(): PumpCounts {
  return { rows: 0, quiet: 0, bad: 0, firstStartMs: Number.NaN, lastStartMs: Number.NaN }
}
