import { type DiskAction, type DiskSpace, diskAdvice, diskLimits } from '../landing/disk-guard.ts'
import { deletePart, freeSpace } from '../landing/free-space.ts'
import type { SyncedPart } from '../landing/landing.ts'
import { disposableParts } from './disposable-parts.ts'
import type { TaskInput } from './task-input.ts'

const LOOK_EVERY_MS = 10_000
const EXPIRE_EVERY_MS = 600_000
const CAUSE = 'disk_full'

/** Watches the disk of the landing until `signal` aborts: deletes what exists elsewhere, and holds feeds back. */
export async function diskTask(task: TaskInput): Promise<void> {
  const { clock } = task.input
  let expireMs = clock.monotonicMs()
  do {
    await look(task)
    if (clock.monotonicMs() < expireMs) continue
    expireMs = clock.monotonicMs() + EXPIRE_EVERY_MS
    if (task.input.retainMs !== undefined) await deleteExpired(task)
  } while (await clock.sleep(LOOK_EVERY_MS, task.signal))
}

async function look(task: TaskInput): Promise<void> {
  const { disk, input } = task
  const space = await freeSpace(input.landingDirectory)
  const deletable = isTight(space, disk.state().isLow) ? await findDeletable(task, space) : []
  const deletableBytes = deletable.reduce((sum, { bytes }) => sum + bytes, 0)
  const advice = diskAdvice({ ...space, deletableBytes, state: disk.state() })
  disk.note(space.freeBytes, advice)
  for (const action of advice.actions) {
    if (action === 'delete-parts') await deleteParts(task, deletable, advice.deleteBytes)
    else act(task, action, space)
  }
}

function isTight({ freeBytes, totalBytes }: DiskSpace, isLow: boolean): boolean {
  const { low } = diskLimits(totalBytes)
  return freeBytes < (isLow ? 2 * low : low)
}

/** As many as space calls for; looking at more would only take time. */
async function findDeletable(task: TaskInput, { freeBytes, totalBytes }: DiskSpace): Promise<SyncedPart[]> {
  const found: SyncedPart[] = []
  let wantedBytes = 2 * diskLimits(totalBytes).low - freeBytes
  for await (const part of disposableParts(keepingOf(task), 'when-full')) {
    found.push(part)
    wantedBytes -= part.bytes
    if (wantedBytes <= 0) break
  }
  return found
}

async function deleteExpired(task: TaskInput): Promise<void> {
  for await (const part of disposableParts(keepingOf(task), 'expired')) {
    await deletePart(task.input.landingDirectory, part.path)
  }
}

async function deleteParts(
  task: TaskInput,
  parts: readonly SyncedPart[],
  deleteBytes: number,
): Promise<void> {
  let freedBytes = 0
  for (const part of parts) {
    if (freedBytes >= deleteBytes) break
    await deletePart(task.input.landingDirectory, part.path)
    freedBytes += part.bytes
  }
  task.base.log(
    'warn',
    'disk_deleted',
    `little space left: parts that exist elsewhere were deleted, ${freedBytes} bytes`,
  )
}

function act({ base, collector }: TaskInput, action: DiskAction, { freeBytes }: DiskSpace): void {
  const { log } = base
  const free = `${Math.round(freeBytes / 1_048_576)} MiB are free`
  const { supervisor } = collector
  switch (action) {
    case 'alarm':
      log('error', 'disk_low', `the landing's disk is filling up: ${free}`)
      break
    case 'stop-ticks':
      supervisor.pause('ticks', CAUSE)
      log('error', 'disk_ticks', `ticks are stopped: ${free}, and nothing can be deleted`)
      break
    case 'stop-candles':
      supervisor.pause('candles', CAUSE)
      log('error', 'disk_candles', `candles are stopped: ${free}, and nothing can be deleted`)
      break
    case 'resume-ticks':
      supervisor.resume('ticks')
      log('info', 'disk_ticks_back', `ticks are collected again: ${free}`)
      break
    case 'resume-candles':
      supervisor.resume('candles')
      log('info', 'disk_candles_back', `candles are collected again: ${free}`)
      break
    case 'all-clear':
      log('info', 'disk_well', `the landing's disk has space again: ${free}`)
      break
    case 'delete-parts':
      break
  }
}

function keepingOf({ input, base }: TaskInput) {
  const { landingDirectory, retainMs, clock } = input
  const { loader, uploader } = base.readers
  return { landingDirectory, loader, uploader, retainMs, nowMs: clock.now() }
}
