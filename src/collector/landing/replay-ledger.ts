import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoredLetter } from './read-dead-letters.ts'
import { wholeBytes } from './whole-lines.ts'

/** Which dead letters were replayed. It lies in the landing, beside the letters: who keeps those keeps it. */
export interface ReplayLedger {
  has(letter: LetterId): boolean
  /** Takes a letter that is about to be replayed, so that its double is not. */
  note(letter: LetterId): void
  /** Boot ids of the replays that count. */
  readonly boots: ReadonlySet<string>
}

/** What makes a letter this letter. */
export type LetterId = Pick<StoredLetter, 'feedId' | 'sequence'>

/** One replay: all of it counts, or nothing. */
export interface Replay {
  readonly bootId: string
  readonly atMs: number
  readonly letters: readonly LetterId[]
}

const NAME = '.replayed.jsonl'

/** Reads the ledger; an empty one where there is none. */
export async function readReplayLedger(landingDirectory: string): Promise<ReplayLedger> {
  const keys = new Set<string>()
  const boots = new Set<string>()
  for (const line of await readLines(join(landingDirectory, NAME))) {
    const { boot, letters } = JSON.parse(line) as Entry
    boots.add(boot)
    for (const [feedId, sequence] of letters) keys.add(keyOf({ feedId, sequence }))
  }
  return { has: (letter) => keys.has(keyOf(letter)), note: (letter) => keys.add(keyOf(letter)), boots }
}

/** Makes a replay count: it is on disk when it resolves. */
export async function appendReplay(
  landingDirectory: string,
  { bootId, atMs, letters }: Replay,
): Promise<void> {
  const entry: Entry = {
    boot: bootId,
    at: new Date(atMs).toISOString(),
    letters: letters.map(({ feedId, sequence }) => [feedId, sequence]),
  }
  {
    await using file = await open(join(landingDirectory, NAME), 'a+')
    const bytes = await wholeBytes(readerOf(file))
    // A replay that ended in the middle of its line does not count.
    await file.truncate(bytes)
    await file.appendFile(`${JSON.stringify(entry)}\n`)
    await file.sync()
  }
  await using directory = await open(landingDirectory, 'r')
  await directory.sync()
}

interface Entry {
  readonly boot: string
  readonly at: string
  readonly letters: readonly (readonly [feedId: string, sequence: number])[]
}

async function readLines(path: string): Promise<string[]> {
  try {
    await using file = await open(path, 'r')
    // Whoever wrote it may have died before its own sync.
    await file.sync()
    const bytes = await wholeBytes(readerOf(file))
    const text = (await file.readFile()).toString('utf8', 0, bytes)
    return text.split('\n').filter((line) => line !== '')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function readerOf(file: Awaited<ReturnType<typeof open>>): Parameters<typeof wholeBytes>[0] {
  return {
    size: async () => (await file.stat()).size,
    read: async (bytes, position) => (await file.read(bytes, 0, bytes.length, position)).bytesRead,
  }
}

function keyOf({ feedId, sequence }: LetterId): string {
  return `${sequence} ${feedId}`
}
