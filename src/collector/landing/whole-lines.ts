import type { LandingFile } from './landing-files.ts'

const WINDOW = 1 << 16
const LINE_END = 10
const OPEN_BRACE = 123
const QUOTE = 34
const CLOSE_BRACE = 125

/**
 * How many bytes of a file are left when what is torn at its end is cut: everything behind the last line that is a
 * complete JSON object. Reads from the end, so a part that is whole costs one read whatever its length.
 */
export async function wholeBytes(file: Pick<LandingFile, 'read' | 'size'>): Promise<number> {
  const size = await file.size()
  const reader = windowReader(file, size)
  let lineEnd = await reader.lastLineEnd(size)
  while (lineEnd >= 0) {
    const before = await reader.lastLineEnd(lineEnd)
    if (isObject(await reader.bytes(before + 1, lineEnd))) return lineEnd + 1
    lineEnd = before
  }
  return 0
}

interface WindowReader {
  /** Position of the last line end before `end`; -1: none. */
  lastLineEnd(end: number): Promise<number>
  bytes(start: number, end: number): Promise<Buffer>
}

/** Keeps the window that was read last: garbage may be many short lines. */
function windowReader(file: Pick<LandingFile, 'read'>, size: number): WindowReader {
  let window: Buffer = Buffer.alloc(0)
  let windowStart = size

  const bytes = async (start: number, end: number): Promise<Buffer> => {
    if (start < windowStart || end > windowStart + window.length) {
      const wanted = Math.max(end - start, WINDOW)
      windowStart = Math.max(0, end - wanted)
      window = await readAll(file, windowStart, Math.min(wanted, end))
    }
    return window.subarray(start - windowStart, end - windowStart)
  }
  return {
    bytes,
    async lastLineEnd(end) {
      for (let upTo = end; upTo > 0; ) {
        const start = upTo > windowStart ? windowStart : Math.max(0, upTo - WINDOW)
        const at = (await bytes(start, upTo)).lastIndexOf(LINE_END)
        if (at >= 0) return start + at
        upTo = start
      }
      return -1
    },
  }
}

async function readAll(file: Pick<LandingFile, 'read'>, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  let done = 0
  while (done < length) {
    const count = await file.read(bytes.subarray(done), start + done)
    if (count === 0) break
    done += count
  }
  return bytes.subarray(0, done)
}

function isObject(line: Buffer): boolean {
  // An object without a member is no line of anybody's.
  if (line[0] !== OPEN_BRACE || line[1] !== QUOTE || line.at(-1) !== CLOSE_BRACE) return false
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line))
    return true
  } catch {
    return false
  }
}
