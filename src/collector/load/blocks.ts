/** A piece of a file, cut at line ends. */
export interface Block {
  readonly bytes: Uint8Array
  /**
   * `lines`: whole lines · `tail`: what stands after the last line end · `long`: part of a line too long to
   * hold · `long-end`: its last part, with the line end.
   */
  readonly kind: 'lines' | 'tail' | 'long' | 'long-end'
}

const LF = 0x0a
/** Longer lines are bad without being read: memory stays bounded whatever a file holds. */
const MAX_LINE_BYTES = 1_048_576

/**
 * Cuts a stream at line ends. A block is good until the next one is asked for. Blocks follow each other without a
 * gap: their lengths add up to the content.
 */
export async function* readBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  let rest: Uint8Array = new Uint8Array(0)
  let isLong = false
  for await (const chunk of chunks) {
    let bytes = chunk
    if (rest.length > 0) {
      // The line that was cut is joined, not all that follows it.
      const end = chunk.indexOf(LF) + 1
      const line = join(rest, end === 0 ? chunk : chunk.subarray(0, end))
      if (end > 0) yield { bytes: line, kind: 'lines' }
      bytes = end > 0 ? chunk.subarray(end) : line
      rest = new Uint8Array(0)
    }
    if (isLong) {
      const end = bytes.indexOf(LF)
      if (end >= 0) isLong = false
      yield { bytes: end < 0 ? bytes : bytes.subarray(0, end + 1), kind: end < 0 ? 'long' : 'long-end' }
      bytes = end < 0 ? bytes.subarray(bytes.length) : bytes.subarray(end + 1)
    }
    const cut = bytes.lastIndexOf(LF) + 1
    if (cut > 0) yield { bytes: bytes.subarray(0, cut), kind: 'lines' }
    // A copy: whoever reads may use its buffer again.
    if (cut < bytes.length) rest = new Uint8Array(bytes.subarray(cut))
    if (rest.length > MAX_LINE_BYTES) {
      yield { bytes: rest, kind: 'long' }
      rest = new Uint8Array(0)
      isLong = true
    }
  }
  if (rest.length > 0) yield { bytes: rest, kind: 'tail' }
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length)
  both.set(left)
  both.set(right, left.length)
  return both
}
