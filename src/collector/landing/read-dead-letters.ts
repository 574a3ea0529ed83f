import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listParts } from './list-parts.ts'

/** A frame that could not be read, as it lies in the landing. */
export interface StoredLetter {
  readonly exchange: string
  readonly feedId: string
  readonly sequence: number
  readonly receivedAtMs: number
  readonly monotonicNs: bigint
  /** Which parser it is for: the mapper's channel, `rest`, `ticks`. */
  readonly channel: string
  readonly reason: string
  /** Whole. */
  readonly frame: string
}

const FOLDER = 'dead-letters'
const LINE_END = 10

/**
 * The dead letters of a landing, of one exchange if it is named, by exchange and hour of reception. A letter that is
 * being written is left out.
 */
export async function* readDeadLetters(
  landingDirectory: string,
  exchange?: string,
): AsyncGenerator<StoredLetter> {
  const directory = join(landingDirectory, FOLDER, exchange === undefined ? '' : `exchange=${exchange}`)
  const paths: string[] = []
  for await (const { path } of listParts(directory)) paths.push(path)
  for (const path of paths.sort()) {
    for (const line of linesIn(await readFile(join(directory, path)))) {
      const letter = parseLetter(line)
      if (letter !== undefined) yield letter
    }
  }
}

/** The ended lines of a file. Not readline's: that one ends lines at U+2028 too, which JSON may hold. */
export function* linesIn(bytes: Buffer): Generator<string> {
  let from = 0
  for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, from)) {
    yield bytes.toString('utf8', from, end)
    from = end + 1
  }
}

/** Undefined for a line that is none. */
function parseLetter(line: string): StoredLetter | undefined {
  try {
    const letter = JSON.parse(line) as Partial<Record<string, unknown>>
    const stored = {
      exchange: textOf(letter.exchange),
      feedId: textOf(letter.feed_id),
      sequence: Number(letter.sequence),
      receivedAtMs: Date.parse(textOf(letter.received_at)),
      monotonicNs: BigInt(textOf(letter.monotonic_ns)),
      channel: textOf(letter.channel),
      reason: textOf(letter.reason),
      frame: textOf(letter.frame),
    }
    return Number.isInteger(stored.sequence) && Number.isFinite(stored.receivedAtMs) ? stored : undefined
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  throw new TypeError('not a text')
}
