/** Folders that could not be written, and when each is tried again. */
export interface Retries {
  failed(folder: string, error: unknown): void
  worked(folder: string): void
  /** Whether it may be tried now: it did not fail, or waited long enough. */
  isDue(folder: string): boolean
  /** The last error of each folder that fails. */
  errors(): ReadonlyMap<string, unknown>
}

const FIRST_MS = 100
const LONGEST_MS = 5000

/** A folder waits 100 ms after its first failure, then twice as long each time, at most 5 s. */
export function retries(monotonicMs: () => number): Retries {
  const errors = new Map<string, unknown>()
  const waits = new Map<string, { readonly waitMs: number; readonly untilMs: number }>()
  return {
    failed(folder, error) {
      const before = waits.get(folder)
      const waitMs = before === undefined ? FIRST_MS : Math.min(before.waitMs * 2, LONGEST_MS)
      waits.set(folder, { waitMs, untilMs: monotonicMs() + waitMs })
      errors.set(folder, error)
    },
    worked(folder) {
      waits.delete(folder)
      errors.delete(folder)
    },
    isDue: (folder) => (waits.get(folder)?.untilMs ?? 0) <= monotonicMs(),
    errors: () => errors,
  }
}
