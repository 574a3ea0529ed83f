import { isRecord, parseJson } from '../exchange/wire/json.ts'
import { memberSlices } from '../exchange/wire/json-slices.ts'

/** A frame of a recording. */
export interface RecordedFrame {
  /** As it came in, byte for byte. */
  readonly frame: string
  /** ms since the epoch, with a fraction; undefined: not recorded. */
  readonly receivedAtMs: number | undefined
}

/**
 * Reads a line of a recording: a bare frame, or `{"recv_s": 1633998523.9, "raw": …}` with the frame as a text or as
 * itself. Of the latter its own text is taken, digits and blanks included.
 */
export function recordedFrame(line: string): RecordedFrame {
  const record = parseJson(line)
  if (!isRecord(record) || !('raw' in record)) return { frame: line, receivedAtMs: undefined }
  const { recv_s: seconds, raw } = record
  const isTime = typeof seconds === 'number' && seconds > 0 && seconds < MOST_S
  return {
    frame: typeof raw === 'string' ? raw : sliceOf(line),
    receivedAtMs: isTime ? seconds * 1000 : undefined,
  }
}

/** The year 5138: larger numbers are ms. */
const MOST_S = 1e11

function sliceOf(line: string): string {
  const slice = memberSlices(line, 0).get('raw')
  return slice === undefined ? line : line.slice(slice.start, slice.end)
}
