/** Lines on their way to one folder, as bytes outside the heap: holding them costs the collector no garbage. */
export interface LineBuffer {
  /** Takes a line of append number `ticket`; gives its bytes, line end included. */
  add(text: string, ticket: number): number
  bytes(): number
  /** Append number of the oldest line; Infinity: none. */
  oldest(): number
  /** Takes everything out. */
  take(): LineBatch
  /** Puts a batch back in front: it could not be written. */
  putBack(batch: LineBatch): void
}

/** Whole lines, in order. */
export interface LineBatch {
  /** Each ends at a line's end. */
  readonly chunks: readonly Buffer[]
  readonly bytes: number
  readonly oldest: number
}

const SMALLEST_CHUNK = 1024
const LINE_END = 10
/** Most bytes of UTF-8 that one unit of a string becomes. */
const BYTES_PER_UNIT = 3

/** An empty buffer that grows by chunks of up to `largestChunk` bytes; a longer line has one of its own. */
export function lineBuffer(largestChunk = 1 << 20): LineBuffer {
  let full: Buffer[] = []
  let chunk: Buffer | undefined
  let used = 0
  let bytes = 0
  let oldest = Number.POSITIVE_INFINITY
  // What the folder needed last time is what it will need: most batches are one chunk.
  let nextChunk = SMALLEST_CHUNK

  const close = () => {
    if (chunk !== undefined && used > 0) full.push(chunk.subarray(0, used))
    chunk = undefined
    used = 0
  }
  const roomFor = (text: string): Buffer => {
    if (chunk !== undefined) {
      if (used + text.length * BYTES_PER_UNIT < chunk.length) return chunk
      if (used + Buffer.byteLength(text) < chunk.length) return chunk
    }
    close()
    chunk = Buffer.allocUnsafeSlow(Math.max(nextChunk, Buffer.byteLength(text) + 1))
    nextChunk = Math.min(nextChunk * 2, largestChunk)
    return chunk
  }
  return {
    add(text, ticket) {
      const room = roomFor(text)
      const length = room.write(text, used, 'utf8')
      room[used + length] = LINE_END
      used += length + 1
      bytes += length + 1
      if (oldest > ticket) oldest = ticket
      return length + 1
    },
    bytes: () => bytes,
    oldest: () => oldest,
    take() {
      close()
      const batch = { chunks: full, bytes, oldest }
      nextChunk = Math.min(Math.max(SMALLEST_CHUNK, bytes + (bytes >> 2)), largestChunk)
      full = []
      bytes = 0
      oldest = Number.POSITIVE_INFINITY
      return batch
    },
    putBack(batch) {
      full = [...batch.chunks, ...full]
      bytes += batch.bytes
      oldest = Math.min(oldest, batch.oldest)
    },
  }
}

/** The batch cut behind the last chunk that fits into `bytes`, but never before its first chunk's end. */
export function cutBatch(
  { chunks, bytes, oldest }: LineBatch,
  limit: number,
): { readonly head: LineBatch; readonly rest: LineBatch | undefined } {
  let count = 0
  let headBytes = 0
  for (const chunk of chunks) {
    if (count > 0 && headBytes + chunk.length > limit) break
    headBytes += chunk.length
    count += 1
  }
  const head = { chunks: chunks.slice(0, count), bytes: headBytes, oldest }
  const rest = { chunks: chunks.slice(count), bytes: bytes - headBytes, oldest }
  return { head, rest: rest.bytes > 0 ? rest : undefined }
}
