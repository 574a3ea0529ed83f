import { join } from 'node:path'
import { readDeadLetters, readReplayLedger } from '../../collector/landing/index.ts'
import { count, plural, table } from '../shared/format.ts'
import type { Io } from '../shared/io.ts'
import { eventLine } from '../shared/json-event.ts'
import { type GlobalOptions, openWorkspace } from '../shared/workspace.ts'
import { type LetterGroup, letterCounter } from './letter-groups.ts'
import { readLoadLetters } from './load-letters.ts'

/** Options of `kx dead-letters`. */
export interface DeadLetterOptions extends GlobalOptions {
  readonly exchange?: string
}

/** `kx dead-letters list`: what could not be read, by exchange or file and reason. Opens no warehouse. */
export async function listDeadLettersCommand(io: Io, options: DeadLetterOptions): Promise<number> {
  await using workspace = await openWorkspace(io, options, { isWithoutTests: true })
  const { directory, collect } = workspace.project
  const counter = letterCounter()
  const ledger = await readReplayLedger(collect.landingDirectory)
  for await (const letter of readDeadLetters(collect.landingDirectory, options.exchange)) {
    const { exchange, reason, receivedAtMs, frame } = letter
    const at = new Date(receivedAtMs).toISOString()
    counter.add({ of: exchange, reason, at, text: frame, isReplayed: ledger.has(letter) })
  }
  if (options.exchange === undefined)
    for await (const letter of readLoadLetters(join(directory, '.kx', 'dead-letters'))) counter.add(letter)
  print(io, counter.groups())
  return 0
}

function print(io: Io, groups: readonly LetterGroup[]): void {
  if (io.logFormat === 'json') for (const group of groups) io.out(eventLine('dead_letters', group))
  else if (groups.length === 0) io.out('no dead letters')
  else for (const line of groupLines(groups, io.columns)) io.out(line)
}

function* groupLines(groups: readonly LetterGroup[], columns: number): Generator<string> {
  const rows = groups.map(({ of, letters, replayed, first, last, reason }) => [
    ...[of, count(letters), count(replayed), first, last, oneLine(reason, 60)],
  ])
  const [header = '', ...lines] = table(
    [['of', 'letters', 'replayed', 'first', 'last', 'reason'], ...rows],
    [1, 2],
  )
  yield header
  for (const [i, line] of lines.entries()) {
    yield line
    yield `  ${oneLine(groups[i]?.example ?? '', Math.max(40, columns - 2))}`
  }
  const letters = groups.reduce((sum, group) => sum + group.letters, 0)
  yield plural(letters, 'dead letter')
}

/** Without what would break a line or colour a terminal. */
function oneLine(text: string, longest: number): string {
  const plain = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
  return plain.length > longest ? `${plain.slice(0, longest - 1)}…` : plain
}
