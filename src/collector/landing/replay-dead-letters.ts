import type { Clock, KxError } from '../../base/index.ts'
import type { LandingLine } from '../record/index.ts'
import type { Landing, SyncedPart } from './landing.ts'
import { openLanding } from './open-landing.ts'
import { readDeadLetters, type StoredLetter } from './read-dead-letters.ts'
import { appendReplay, type LetterId, type ReplayLedger, readReplayLedger } from './replay-ledger.ts'
import { dropStaged, publishStaged, stagedBoots, stagingOf } from './staging.ts'

/** What a letter gives now. */
export type Redelivery =
  /** A frame that can be read; a heartbeat has no lines. */
  | { readonly ok: true; readonly lines: readonly LandingLine[] }
  /** It stays a dead letter. */
  | { readonly ok: false; readonly reason: string }

/** What a replay needs. It is the only one on its landing. */
export interface ReplayInput {
  readonly landingDirectory: string
  /** Undefined: every one. */
  readonly exchange: string | undefined
  readonly collectorId: string
  /** Of this replay alone. */
  readonly bootId: string
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly redeliver: (letter: StoredLetter) => Redelivery
  readonly onTrouble: (error: KxError | undefined) => void
}

/** What a replay did with one letter. */
export interface ReplayedLetter {
  readonly letter: StoredLetter
  readonly outcome: 'replayed' | 'dead' | 'before'
  /** Landed. */
  readonly lines: number
  /** Why it is still dead. */
  readonly reason: string | undefined
}

/** Most bytes that wait for the disk. */
const MOST_PENDING = 8 << 20

/**
 * Reads dead letters once more and lands what they give, under the feed and the sequence that they came with: such a
 * frame gave no other line, so lines stay unique. A letter is replayed once, whatever ends the process when: parts
 * are written aside, then all letters of the replay count by one line of its ledger, then the parts are moved to
 * their places; a replay that ended in between is finished, or forgotten, by the next one.
 *
 * @returns the parts that it landed, those of an unfinished replay before it included
 */
export async function* replayDeadLetters(input: ReplayInput): AsyncGenerator<ReplayedLetter, SyncedPart[]> {
  const { landingDirectory, bootId, clock } = input
  const ledger = await readReplayLedger(landingDirectory)
  const parts: SyncedPart[] = []
  for (const boot of await stagedBoots(landingDirectory)) {
    if (ledger.boots.has(boot)) parts.push(...(await publishStaged(landingDirectory, boot)))
    else await dropStaged(landingDirectory, boot)
  }
  const replayed: LetterId[] = []
  for await (const one of stage(input, ledger)) {
    if (one.outcome === 'replayed') replayed.push(one.letter)
    yield one
  }
  if (replayed.length === 0) return parts
  await appendReplay(landingDirectory, { bootId, atMs: clock.now(), letters: replayed })
  parts.push(...(await publishStaged(landingDirectory, bootId)))
  return parts
}

async function* stage(input: ReplayInput, ledger: ReplayLedger): AsyncGenerator<ReplayedLetter> {
  const { landingDirectory, collectorId, bootId, clock, signal, onTrouble } = input
  await using landing: Landing = openLanding({
    directory: stagingOf(landingDirectory, bootId),
    partPrefix: `part-${collectorId}-${bootId}-0`,
    clock,
    onSynced: () => undefined,
    onTrouble,
  })
  for await (const letter of readDeadLetters(landingDirectory, input.exchange)) {
    if (signal.aborted) return
    if (ledger.has(letter)) {
      yield { letter, outcome: 'before', lines: 0, reason: undefined }
      continue
    }
    const again = input.redeliver(letter)
    if (again.ok) {
      ledger.note(letter)
      landing.append(again.lines)
    }
    if (landing.pendingBytes() > MOST_PENDING) await landing.commit()
    yield again.ok
      ? { letter, outcome: 'replayed', lines: again.lines.length, reason: undefined }
      : { letter, outcome: 'dead', lines: 0, reason: again.reason }
  }
}
