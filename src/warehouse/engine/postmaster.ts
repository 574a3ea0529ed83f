import { execFileSync } from 'node:child_process'
import { readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isRunning } from '../../base/index.ts'

/** What a server writes about itself into its data directory. */
export interface Postmaster {
  readonly processId: number
  /** `starting`, `ready`, `stopping`, … */
  readonly status: string
  /** The whole file, to compare. */
  readonly text: string
}

/** How long a server may take to fill its pid file. */
const WRITING_MS = 2000

/** The server that a data directory names; it may be long gone. Undefined if none is named. */
export function readPostmaster(dataDirectory: string): Postmaster | undefined {
  let text: string
  try {
    text = readFileSync(pidFile(dataDirectory), 'utf8')
  } catch {
    return undefined
  }
  const lines = text.split('\n')
  const processId = Number(lines[0])
  return { processId, status: lines[7]?.trim() ?? '', text }
}

/** Whether the process that a pid file names is there and is this directory's server, not one that got its number. */
export function isAlive({ processId }: Postmaster, dataDirectory: string): boolean {
  if (!(processId > 0)) return isJustMade(dataDirectory)
  if (!isRunning(processId)) return false
  try {
    return commandOf(processId).includes(dataDirectory)
  } catch {
    // Hidden from this user: what cannot be seen may well be the server.
    return isRunning(processId)
  }
}

/**
 * Removes a pid file that names another program's process, for postgres would respect it. The file is looked at
 * again after it was moved away: another kx may have started a server in between.
 */
export function removeStale(postmaster: Postmaster, dataDirectory: string): void {
  const aside = `${pidFile(dataDirectory)}.stale-${process.pid}`
  try {
    renameSync(pidFile(dataDirectory), aside)
    if (readFileSync(aside, 'utf8') === postmaster.text) rmSync(aside)
    else renameSync(aside, pidFile(dataDirectory))
  } catch {
    // Somebody else removed it first.
  }
}

/** Whether the pid file may still be empty because its server is writing it, and not because of a power cut. */
function isJustMade(dataDirectory: string): boolean {
  const made = statSync(pidFile(dataDirectory), { throwIfNoEntry: false })
  return made !== undefined && Date.now() - made.mtimeMs < WRITING_MS
}

/** The arguments of a process; of the server they hold `-D DIRECTORY`. */
function commandOf(processId: number): string[] {
  if (process.platform === 'linux') return readFileSync(`/proc/${processId}/cmdline`, 'utf8').split('\0')
  const text = execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(processId)], { encoding: 'utf8' })
  return /-D (.*?) -c /.exec(text)?.slice(1) ?? []
}

function pidFile(dataDirectory: string): string {
  return join(dataDirectory, 'postmaster.pid')
}
