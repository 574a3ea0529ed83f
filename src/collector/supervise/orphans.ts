import { execFile } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { KxError, systemClock } from '../../base/index.ts'

/** What a worker's command line holds. */
export const WORKER_COMMAND = 'collect-worker'

/** Left alone, a worker whose supervisor is gone seals its parts and ends. */
const ENDS_WITHIN_MS = 5_000
const KILLED_WITHIN_MS = 5_000
const LOOK_EVERY_MS = 25

/**
 * Notes which processes are workers now, for a start after a crash. At once, so that none runs unnoted; not synced,
 * for a crash of the machine leaves none.
 */
export function noteWorkers(stateDirectory: string, pids: readonly number[]): void {
  const path = join(stateDirectory, 'workers.json')
  writeFileSync(`${path}.next`, `${JSON.stringify(pids)}\n`)
  // On a full disk the note before stays whole.
  renameSync(`${path}.next`, path)
}

/**
 * Waits until no worker of a supervisor that is gone writes to the landing any more; one that does not end by
 * itself is killed. Gives how many there were.
 *
 * @throws {KxError} KX_COLLECT_BUSY if one cannot be ended
 */
export async function endOrphans(stateDirectory: string): Promise<number> {
  const orphans: number[] = []
  for (const pid of await readWorkers(stateDirectory)) if (await isWorker(pid)) orphans.push(pid)
  const left = await waitForEnd(orphans, ENDS_WITHIN_MS)
  for (const pid of left) signal(pid, 'SIGKILL')
  const [stuck] = await waitForEnd(left, KILLED_WITHIN_MS)
  if (stuck !== undefined) {
    throw new KxError('KX_COLLECT_BUSY', `a worker of an earlier collector (pid ${stuck}) still writes`, {
      hint: `End it: kill -9 ${stuck}`,
    })
  }
  return orphans.length
}

async function readWorkers(stateDirectory: string): Promise<number[]> {
  try {
    const pids = JSON.parse(await readFile(join(stateDirectory, 'workers.json'), 'utf8')) as unknown
    return Array.isArray(pids) ? pids.filter((pid) => Number.isSafeInteger(pid) && pid > 1) : []
  } catch {
    // None was noted, or the machine went down while it was: then no process is left either.
    return []
  }
}

/** A process id is used again: only what runs our command is ours. */
async function isWorker(pid: number): Promise<boolean> {
  if (!signal(pid, 0)) return false
  return (await commandLine(pid)).includes(WORKER_COMMAND)
}

async function commandLine(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') return await readFile(`/proc/${pid}/cmdline`, 'utf8')
    return (await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)])).stdout
  } catch {
    return ''
  }
}

/** Those that are still there when time is over. */
async function waitForEnd(pids: readonly number[], ms: number): Promise<number[]> {
  const startMs = systemClock.monotonicMs()
  for (;;) {
    const left: number[] = []
    for (const pid of pids) if (await isWorker(pid)) left.push(pid)
    if (left.length === 0 || systemClock.monotonicMs() - startMs > ms) return left
    await systemClock.sleep(LOOK_EVERY_MS)
  }
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
