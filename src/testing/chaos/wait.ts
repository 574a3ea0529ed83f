import { systemClock } from '../../base/index.ts'

/** Looks until `isSo` says yes; machine time. @throws {Error} with what was awaited, after `withinMs` */
export async function until(
  what: string,
  withinMs: number,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  const startMs = systemClock.monotonicMs()
  while (!(await isSo())) {
    const waitedMs = systemClock.monotonicMs() - startMs
    if (waitedMs > withinMs) throw new Error(`waited ${Math.round(waitedMs / 1000)} s in vain: ${what}`)
    await systemClock.sleep(20)
  }
}
