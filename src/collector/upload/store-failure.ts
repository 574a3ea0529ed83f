import { StoreError } from './object-store.ts'

/** One line for the operator; `cause` is stable. */
export type StoreLog = (level: 'info' | 'warn' | 'error', cause: string, message: string) => void

const RETRY_FROM_MS = 1_000
const RETRY_TO_MS = 60_000

const AGAIN = '; tried again until it works'
const RESTART = ', and start kx collect again'

/** Full jitter: everything between nothing and twice as long as the time before. */
export function backoffMs(failures: number, random: () => number): number {
  return random() * Math.min(RETRY_TO_MS, RETRY_FROM_MS * 2 ** Math.min(failures, 10))
}

/** Tells what stands between us and the store, and what to do about it. */
export function tellFailure(log: StoreLog, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof StoreError)) {
    log('warn', 'upload_failed', `${message}${AGAIN}`)
    return
  }
  const { kind, hint, isForNextStart } = error
  const order = hint === undefined ? '' : `; ${hint}`
  log('warn', `store_${kind}`, `${message}${order}${isForNextStart ? RESTART : AGAIN}`)
}
