import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type LandingFile, type LandingFiles, systemFiles } from '../collector/landing/index.ts'

/** What is done with a disk. */
export type DiskStep =
  | 'create'
  | 'open'
  | 'makeDirectory'
  | 'syncDirectory'
  | 'write'
  | 'sync'
  | 'cut'
  | 'remove'
  | 'close'

/** How a step fails: a write takes so many bytes before it does. */
export interface DiskFault {
  readonly code: 'ENOSPC' | 'EIO' | 'EACCES'
  readonly afterBytes?: number
}

/** Whether a step fails, or hangs for a while. */
export type OnStep = (step: DiskStep, path: string) => DiskFault | undefined | Promise<DiskFault | undefined>

/** A disk that fails, hangs and loses power as a test wants. It forgets what was not synced, as a real one may. */
export interface Disk {
  readonly directory: string
  readonly files: LandingFiles
  /** Asked before each step. */
  onStep: OnStep
  /** Steps that were asked for, each `sync exchange=…/part-….jsonl`. */
  readonly steps: readonly string[]
  /** The process that uses it ends here: none of its steps is done any more. */
  kill(): void
  /** After `kill`: a file that is not sealed keeps what was synced and, for the rest, what `keep` makes of it. */
  losePower(keep: (rest: Buffer) => Buffer): Promise<void>
}

/** An empty disk in a temporary folder, which the end of the test removes. */
export async function aDisk(): Promise<Disk> {
  const directory = await mkdtemp(join(tmpdir(), 'kx-disk-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const steps: string[] = []
  const inner: InnerDisk = { states: new Map(), open: new Set(), working: 0, isKilled: false, ask }
  async function ask(step: DiskStep, path: string): Promise<DiskFault | undefined> {
    const shown = path.slice(directory.length + 1)
    steps.push(`${step} ${shown}`)
    return await disk.onStep(step, shown)
  }
  const disk: Disk = {
    directory,
    files: faultyFiles(inner),
    onStep: () => undefined,
    steps,
    kill() {
      inner.isKilled = true
    },
    losePower: (keep) => losePower(inner, keep),
  }
  return disk
}

interface InnerDisk {
  readonly states: Map<string, FileState>
  readonly open: Set<LandingFile>
  /** Steps that are being done. */
  working: number
  isKilled: boolean
  readonly ask: (step: DiskStep, path: string) => Promise<DiskFault | undefined>
}

interface FileState {
  syncedBytes: number
  isEntrySynced: boolean
  /** A sync failed: the system has forgotten which bytes are not on disk, and says of later syncs that all is well. */
  isForgetful: boolean
}

async function losePower(inner: InnerDisk, keep: (rest: Buffer) => Buffer): Promise<void> {
  while (inner.working > 0) await new Promise((resolve) => setImmediate(resolve))
  for (const file of inner.open) await file.close()
  for (const [path, { syncedBytes, isEntrySynced }] of inner.states) {
    const content = await readFile(path).catch(() => undefined)
    if (content === undefined) continue
    const isSealed = (statSync(path).mode & 0o222) === 0
    if (!isEntrySynced) rmSync(path)
    else if (!isSealed) {
      truncateSync(path, syncedBytes)
      writeFileSync(path, keep(content.subarray(syncedBytes)), { flag: 'a' })
    }
  }
}

/** Does a step, unless it is to fail, or the process was killed: then it hangs for ever. */
async function take<Result>(
  inner: InnerDisk,
  [step, path]: readonly [DiskStep, string],
  work: (fault: DiskFault | undefined) => Promise<Result>,
): Promise<Result> {
  if (inner.isKilled) return await new Promise(() => undefined)
  const fault = await inner.ask(step, path)
  if (inner.isKilled) return await new Promise(() => undefined)
  if (fault !== undefined && step !== 'write' && step !== 'sync') throw errorOf(fault)
  inner.working += 1
  try {
    return await work(fault)
  } finally {
    inner.working -= 1
  }
}

function faultyFiles(inner: InnerDisk): LandingFiles {
  const { states } = inner
  return {
    create: (path) =>
      take(inner, ['create', path], async () => {
        const file = await systemFiles.create(path)
        states.set(path, { syncedBytes: 0, isEntrySynced: false, isForgetful: false })
        return faultyFile(inner, path, file)
      }),
    open: (path) =>
      take(inner, ['open', path], async () => faultyFile(inner, path, await systemFiles.open(path))),
    makeDirectory: (path) => take(inner, ['makeDirectory', path], () => systemFiles.makeDirectory(path)),
    syncDirectory: (path) =>
      take(inner, ['syncDirectory', path], async () => {
        for (const [file, state] of states) if (dirname(file) === path) state.isEntrySynced = true
      }),
    remove: (path) => take(inner, ['remove', path], () => systemFiles.remove(path)),
  }
}

function faultyFile(inner: InnerDisk, path: string, file: LandingFile): LandingFile {
  inner.open.add(file)
  const state = inner.states.get(path)
  return {
    ...file,
    write: (bytes, position) =>
      take(inner, ['write', path], async (fault) => {
        if (fault === undefined) return await file.write(bytes, position)
        await file.write(bytes.subarray(0, fault.afterBytes ?? 0), position)
        throw errorOf(fault)
      }),
    // A test needs no real sync: what counts as synced is remembered.
    syncContent: () =>
      take(inner, ['sync', path], async (fault) => {
        if (state && fault) state.isForgetful = true
        if (fault) throw errorOf(fault)
        if (state && !state.isForgetful) state.syncedBytes = await file.size()
      }),
    cut: (bytes) =>
      take(inner, ['cut', path], async () => {
        await file.cut(bytes)
        if (state) Object.assign(state, { syncedBytes: bytes, isForgetful: false })
      }),
    close: () =>
      take(inner, ['close', path], async () => {
        inner.open.delete(file)
        await file.close()
      }),
  }
}

function errorOf({ code }: DiskFault): Error {
  return Object.assign(new Error(`${code}: a fault of the test`), { code })
}
