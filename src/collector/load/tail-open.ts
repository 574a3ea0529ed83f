import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { SyncedPart } from '../landing/landing.ts'
import { type Candidate, fileLockKey, readCandidate } from './candidate.ts'
import { changedError, compareWithLedger } from './known-file.ts'
import type { LoadLane } from './lane.ts'
import { type LedgerFile, readLedgerFiles, tryLock } from './load-ledger.ts'
import { openReader } from './open-reader.ts'
import { relationOf } from './removal-ledger.ts'
import type { SourceFile } from './source-file.ts'
import type { OpenPart } from './tail-memory.ts'
import { asFileProblem, type TailProblem } from './tail-result.ts'
import { groupsOf, type TailReading, type TailState } from './tail-state.ts'

/** A part that is new to this tail, its beginning told. */
interface NewPart {
  readonly part: SyncedPart
  readonly candidate: Candidate
  readonly lockKey: number
}

const AT_ONCE = 16
const READ_BYTES = 131_072

/**
 * Opens parts and locks them until the session ends. New ones are compared with the ledger, under their lock;
 * those that it has in full are only remembered.
 */
export async function openParts(
  state: TailState,
  parts: readonly SyncedPart[],
): Promise<{ readonly readings: TailReading[]; readonly problems: Map<string, TailProblem> }> {
  const { lane, memory } = state
  const problems = new Map<string, TailProblem>()
  const readings: TailReading[] = []
  const unknown = parts.filter(({ path }) => memory.open(path) === undefined)
  const fresh = await readBeginnings(state, await leaveKnown(state, unknown), problems)
  const grown = parts.flatMap((part) => {
    const open = memory.open(part.path)
    return open ? [{ part, open, lockKey: open.lockKey, candidate: undefined }] : []
  })
  const keys = new Set([...fresh, ...grown].map(({ lockKey }) => lockKey))
  const locked = await tryLock(lane.session(), [...keys])
  for (const { part, lockKey } of [...fresh, ...grown])
    if (!locked.has(lockKey)) problems.set(part.path, { kind: 'busy' })
  readings.push(...grown.filter(({ lockKey }) => locked.has(lockKey)))
  const free = fresh.filter(({ lockKey }) => locked.has(lockKey))
  const entries = await readEntries(lane, free)
  for (const one of free) {
    const open = await openPart(lane, one, entries)
    if ('reader' in open) readings.push({ ...one, open })
    else problems.set(one.part.path, open)
  }
  return { readings, problems }
}

/** Parts that the ledger does not have in full by their names; no file is touched. */
async function leaveKnown(
  { lane, memory }: TailState,
  parts: readonly SyncedPart[],
): Promise<readonly SyncedPart[]> {
  if (parts.length === 0) return []
  const entries = await readLedgerFiles(lane.session(), lane.target, {
    relations: relationsOf(lane),
    names: parts.map(({ path }) => path),
    fingerprints: [],
  })
  const bytesByPath = new Map(entries.map(({ landingFile, toByte }) => [landingFile, toByte]))
  return parts.filter(({ path, bytes }) => {
    const loadedBytes = bytesByPath.get(path) ?? 0
    if (loadedBytes >= bytes) memory.close(path, loadedBytes)
    return loadedBytes < bytes
  })
}

/** Tells what parts hold, by their beginnings. */
async function readBeginnings(
  state: TailState,
  parts: readonly SyncedPart[],
  problems: Map<string, TailProblem>,
): Promise<NewPart[]> {
  const told: NewPart[] = []
  for (const group of groupsOf(parts, AT_ONCE)) {
    const heads = await Promise.all(group.map((part) => readHead(state, part)))
    for (const head of heads) {
      if ('candidate' in head) told.push(head)
      else if (head.problem) problems.set(head.path, head.problem)
    }
  }
  return told
}

async function readHead(
  { lane, landingDirectory }: TailState,
  part: SyncedPart,
): Promise<NewPart | { readonly path: string; readonly problem: TailProblem | undefined }> {
  const { path } = part
  try {
    const source = sourceOf(join(landingDirectory, path), part.bytes)
    const head = await readCandidate(source, lane, { directory: landingDirectory })
    if ('format' in head) return { part, candidate: head, lockKey: fileLockKey(lane.target, head) }
    return { path, problem: head.isWaiting ? undefined : { kind: 'skipped', reason: head.reason } }
  } catch (error) {
    return { path, problem: asFileProblem(error) }
  }
}

/** What the ledger says of parts by name and by content. */
async function readEntries(lane: LoadLane, parts: readonly NewPart[]): Promise<readonly LedgerFile[]> {
  if (parts.length === 0) return []
  return await readLedgerFiles(lane.session(), lane.target, {
    relations: relationsOf(lane),
    names: parts.map(({ candidate }) => candidate.landingFile),
    fingerprints: parts.map(({ candidate }) => candidate.fingerprint),
  })
}

/** A reader that goes on where the ledger says, its old content compared; or why there is none. */
async function openPart(
  lane: LoadLane,
  { candidate, lockKey }: NewPart,
  entries: readonly LedgerFile[],
): Promise<OpenPart | TailProblem> {
  try {
    const known = await compareWithLedger(candidate, entries)
    if (known.state === 'changed') return { kind: 'failed', error: changedError(candidate, known.entry) }
    const entry = known.state === 'known' ? known.entry : undefined
    const reader = await openReader(lane, candidate, { entry, isComplete: false })
    return { reader, records: candidate.format.kind, lockKey }
  } catch (error) {
    return asFileProblem(error)
  }
}

/** The first `bytes` of a file: there may be more that are not synced. */
function sourceOf(path: string, bytes: number): SourceFile {
  return {
    path,
    innerPath: path,
    sizeBytes: bytes,
    textBytes: bytes,
    isPlain: true,
    changedMs: Number.NaN,
    isNamed: false,
    open: async () => createReadStream(path, { end: bytes - 1, highWaterMark: READ_BYTES }),
    release: () => {},
  }
}

function relationsOf({ tables }: LoadLane): string[] {
  return Object.values(tables).map(relationOf)
}
