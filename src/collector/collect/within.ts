import { systemClock } from '../../base/index.ts'

/** Waits for `work`, but no longer than `ms` of the machine; gives whether it was done in time. A failure is not told. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const isDone = new AbortController()
  const ended = work.then(
    () => true,
    () => true,
  )
  const isInTime = await Promise.race([ended, systemClock.sleep(ms, isDone.signal).then(() => false)])
  isDone.abort()
  return isInTime
}
