import { join } from 'node:path'
import { isKxError, type KxError } from '../../base/index.ts'
import { randomId, readCollectorId } from '../../collector/collect/collector-id.ts'
import { callCollector } from '../../collector/control/control.ts'
import { takeLock } from '../../collector/control/lock.ts'
import {
  type ReplayedLetter,
  redeliver,
  replayDeadLetters,
  type SyncedPart,
} from '../../collector/landing/index.ts'
import type { Project } from '../../runner/index.ts'
import { stateDirectoryOf } from '../collect/request.ts'
import { plural } from '../shared/format.ts'
import type { Io } from '../shared/io.ts'
import { eventLine } from '../shared/json-event.ts'
import { openWorkspace } from '../shared/workspace.ts'
import type { DeadLetterOptions } from './list.ts'

/**
 * `kx dead-letters replay`: reads dead letters with the mappers as they are now and lands what they give. Each letter
 * is replayed once. A collector may run meanwhile.
 *
 * @throws {KxError} KX_COLLECT_BUSY if another replay runs
 */
export async function replayDeadLettersCommand(io: Io, options: DeadLetterOptions): Promise<number> {
  await using workspace = await openWorkspace(io, options, { isWithoutTests: true })
  const { project } = workspace
  const stateDirectory = stateDirectoryOf(project)
  const nowMs = io.clock.now()
  await using _lock = await takeLock(join(stateDirectory, 'replay'), {
    command: 'dead-letters replay',
    nowMs,
  })
  const { tally, parts } = await replay(io, { project, stateDirectory, exchange: options.exchange })
  const isTaken = parts.length > 0 && (await tellCollector(stateDirectory, parts))
  print(io, { tally, parts, isTaken })
  return 0
}

interface Request {
  readonly project: Project
  readonly stateDirectory: string
  readonly exchange: string | undefined
}

interface Tally {
  replayed: number
  lines: number
  dead: number
  before: number
  /** Letters that stay dead, by why. */
  readonly reasons: Map<string, number>
}

async function replay(
  io: Io,
  { project, stateDirectory, exchange }: Request,
): Promise<{ readonly tally: Tally; readonly parts: readonly SyncedPart[] }> {
  const tally: Tally = { replayed: 0, lines: 0, dead: 0, before: 0, reasons: new Map() }
  const letters = replayDeadLetters({
    landingDirectory: project.collect.landingDirectory,
    exchange,
    collectorId: await readCollectorId(stateDirectory, Math.random),
    bootId: randomId(Math.random),
    clock: io.clock,
    signal: io.signal,
    redeliver: (letter) => redeliver(letter, project.instruments),
    onTrouble: (error: KxError | undefined) =>
      io.err(error ? `warning: ${error.message}` : 'writing goes on'),
  })
  for (;;) {
    const step = await letters.next()
    if (step.done) return { tally, parts: step.value }
    count(tally, step.value)
  }
}

function count(tally: Tally, { letter, outcome, lines, reason }: ReplayedLetter): void {
  tally[outcome] += 1
  tally.lines += lines
  if (reason === undefined) return
  const why = `${letter.exchange}: ${reason}`
  tally.reasons.set(why, (tally.reasons.get(why) ?? 0) + 1)
}

/** Hands the new parts to the collector that runs; false: none does, or it is an older one. */
async function tellCollector(stateDirectory: string, parts: readonly SyncedPart[]): Promise<boolean> {
  try {
    const answers = await callCollector(stateDirectory, { type: 'parts', parts })
    if (answers === undefined) return false
    for await (const _ of answers);
    return true
  } catch (error) {
    if (isKxError(error)) return false
    throw error
  }
}

interface Outcome {
  readonly tally: Tally
  readonly parts: readonly SyncedPart[]
  readonly isTaken: boolean
}

function print(io: Io, { tally, parts, isTaken }: Outcome): void {
  const { reasons, ...counts } = tally
  if (io.logFormat === 'json') {
    io.out(eventLine('dead_letters.replayed', { ...counts, parts: parts.map(({ path }) => path) }))
    return
  }
  for (const [why, letters] of reasons) io.out(`still dead  ${plural(letters, 'letter')}  ${why}`)
  io.out(
    `${plural(tally.replayed, 'letter')} replayed, ${plural(tally.lines, 'line')} landed; ` +
      `${tally.dead} still dead, ${tally.before} replayed before`,
  )
  if (parts.length > 0 && !isTaken)
    io.out('kx collect loads them when it starts next; kx load of the landing does it now')
}
