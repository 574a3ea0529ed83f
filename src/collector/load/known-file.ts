import { createHash } from 'node:crypto'
import { KxError } from '../../base/index.ts'
import type { Candidate } from './candidate.ts'
import type { LedgerFile } from './load-ledger.ts'
import { unreadable } from './unreadable.ts'

/** What the ledger knows of a file's content. */
export type Known =
  | { readonly state: 'new' }
  /** Bronze holds its first bytes, unchanged; `isWhole`: and there are no more. */
  | { readonly state: 'known'; readonly entry: LedgerFile; readonly isWhole: boolean }
  /** Its name is known, its old content is another. */
  | { readonly state: 'changed'; readonly entry: LedgerFile }

const LF = 0x0a
const CR = 0x0d

/**
 * Compares a file with the ledger's entries of its name or its beginning, by hash over all that was read.
 *
 * @throws {KxError} KX_LOAD_FAILED if the file cannot be read
 */
export async function compareWithLedger(
  candidate: Candidate,
  entries: readonly LedgerFile[],
): Promise<Known> {
  const ofTable = entries.filter(({ relation }) => relation === candidate.relation)
  const own = ofTable.find((entry) => entry.landingFile === candidate.landingFile)
  const possible = ofTable
    .filter((entry) => entry === own || entry.fingerprint === candidate.fingerprint)
    .sort((a, b) => a.toByte - b.toByte)
  if (possible.length === 0) return { state: 'new' }
  const matches = await matching(candidate, possible)
  const best = matches.find(({ entry }) => entry === own) ?? matches.at(-1)
  if (best) return { state: 'known', ...best }
  return own ? { state: 'changed', entry: own } : { state: 'new' }
}

/** The error for a file whose old content changed. */
export function changedError(candidate: Candidate, entry: LedgerFile): KxError {
  return new KxError(
    'KX_LOAD_CHANGED',
    `${candidate.source.path} is no longer what was loaded: its first ${entry.toLine - 1} lines changed`,
    { hint: 'Run kx load --again with it to replace its rows.', at: { file: candidate.source.path } },
  )
}

interface Match {
  readonly entry: LedgerFile
  readonly isWhole: boolean
}

async function matching(candidate: Candidate, entries: readonly LedgerFile[]): Promise<Match[]> {
  const matches: Match[] = []
  const hash = createHash('sha256')
  const waiting = [...entries]
  let offset = 0
  for await (const chunk of contentOf(candidate)) {
    let at = 0
    // Whoever ends inside this chunk is compared there; the first byte behind tells if that was the end.
    for (const entry of waiting.filter(({ toByte }) => toByte < offset + chunk.length)) {
      waiting.shift()
      hash.update(chunk.subarray(at, entry.toByte - offset))
      at = entry.toByte - offset
      const next = chunk[at]
      const isCut = entry.isLineOpen && next !== LF && next !== CR
      if (!isCut && hash.copy().digest('hex') === entry.checksum) matches.push({ entry, isWhole: false })
    }
    if (waiting.length === 0) return matches
    hash.update(chunk.subarray(at))
    offset += chunk.length
  }
  const checksum = hash.digest('hex')
  const whole = waiting.filter((entry) => entry.toByte === offset && entry.checksum === checksum)
  return [...matches, ...whole.map((entry) => ({ entry, isWhole: true }))]
}

/** The uncompressed content of a file, from its first byte. */
export async function* contentOf(candidate: Candidate): AsyncGenerator<Uint8Array> {
  if (candidate.content) {
    yield candidate.content
    return
  }
  try {
    yield* await candidate.source.open()
  } catch (error) {
    throw unreadable(candidate.source.path, error)
  }
}
