import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Instrument, isKxError, KxError } from '../../base/index.ts'
import { randomId } from '../../collector/collect/collector-id.ts'
import { type Mapper, requireMapper } from '../../collector/exchange/index.ts'
import { openLanding } from '../../collector/landing/index.ts'
import { readLines, replayRecording, tallyCounter } from '../../collector/replay/index.ts'
import { findProjectDirectory, type Project, readProject } from '../../runner/index.ts'
import { loadCommand } from '../load/load.ts'
import type { Io } from '../shared/io.ts'
import type { GlobalOptions } from '../shared/workspace.ts'
import { deadLetterReport, printTally, type Replayed } from './replay-report.ts'

/** Options of `kx replay`. */
export interface ReplayCommandOptions extends GlobalOptions {
  readonly exchange?: string
  readonly landing?: string
  readonly load?: boolean
}

/**
 * `kx replay FILE…`: recorded frames through mapper and delivery, and where it is wanted through landing and loader.
 * Without --load no warehouse is opened; without a project the names of instruments are worked out.
 *
 * @throws {KxError} KX_EXCHANGE_UNKNOWN if kx has no mapper for it; KX_LOAD_NOT_FOUND if a file is not there
 */
export async function replayCommand(
  io: Io,
  files: readonly string[],
  options: ReplayCommandOptions,
): Promise<number> {
  const mapper = requireMapper(options.exchange ?? '')
  const paths = files.map((file) => existingFile(io.cwd, file))
  const project = await projectOf(io, options)
  const landing = landingDirectory(io, options, project)
  const replayed = await replay(io, {
    mapper,
    paths,
    files,
    landing,
    instruments: project?.instruments ?? [],
  })
  printTally(io, replayed)
  if (io.signal.aborted) return 130
  if (options.load !== true || landing === undefined || replayed.parts.length === 0) return 0
  return await loadCommand(
    io,
    replayed.parts.map((path) => join(landing, path)),
    options,
  )
}

interface Replay {
  readonly mapper: Mapper
  readonly paths: readonly string[]
  /** As the user named them. */
  readonly files: readonly string[]
  /** Undefined: nothing is written. */
  readonly landing: string | undefined
  readonly instruments: readonly Instrument[]
}

/** Most bytes that wait for the disk. */
const MOST_PENDING = 8 << 20

async function replay(
  io: Io,
  { mapper, paths, files, landing: directory, instruments }: Replay,
): Promise<Replayed> {
  const bootId = randomId(Math.random)
  const parts = new Set<string>()
  const counter = tallyCounter()
  const letters = deadLetterReport(io)
  {
    await using landing =
      directory === undefined ? undefined : openLandingOf(io, { directory, bootId, parts })
    for (const [i, path] of paths.entries()) {
      if (io.signal.aborted) break
      const feedId = `replay-${bootId}-0-${mapper.exchange}-${i}`
      const nowMs = io.clock.now()
      for await (const one of replayRecording(readLines(path), { mapper, instruments, feedId, nowMs })) {
        counter.add(one)
        letters.add(files[i] ?? path, one)
        landing?.append(one.lines)
        if (landing !== undefined && landing.pendingBytes() > MOST_PENDING) await landing.commit()
        if (io.signal.aborted) break
      }
    }
  }
  const deadLetters = [...parts].filter((path) => path.startsWith('dead-letters/'))
  return {
    exchange: mapper.exchange,
    files: paths.length,
    tally: counter.tally(),
    landing: directory,
    parts: [...parts].filter((path) => !deadLetters.includes(path)).sort(),
    deadLetterParts: deadLetters.sort(),
  }
}

function openLandingOf(
  io: Io,
  { directory, bootId, parts }: { directory: string; bootId: string; parts: Set<string> },
) {
  return openLanding({
    directory,
    partPrefix: `part-replay-${bootId}-0`,
    clock: io.clock,
    onSynced: (synced) => {
      for (const { path } of synced) parts.add(path)
    },
    onTrouble: (error) => io.err(error ? `warning: ${error.message}` : 'writing goes on'),
  })
}

function existingFile(cwd: string, file: string): string {
  const path = resolve(cwd, file)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found && !found.isDirectory()) return path
  const what = found ? 'a directory' : 'not there'
  throw new KxError('KX_LOAD_NOT_FOUND', `${file} is ${what}`, { hint: 'Name a file of recorded frames.' })
}

/** A bug report is replayed anywhere: only loading needs a project. */
async function projectOf(io: Io, options: ReplayCommandOptions): Promise<Project | undefined> {
  try {
    const directory = findProjectDirectory(resolve(io.cwd, options.projectDir ?? '.'))
    return await readProject(directory, { env: io.env })
  } catch (error) {
    if (isKxError(error) && error.code === 'KX_PROJECT_NOT_FOUND' && options.load !== true) return undefined
    throw error
  }
}

function landingDirectory(
  io: Io,
  { landing, load }: ReplayCommandOptions,
  project: Project | undefined,
): string | undefined {
  if (landing !== undefined) return resolve(io.cwd, landing)
  return load === true ? project?.collect.landingDirectory : undefined
}
