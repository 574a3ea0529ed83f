import { deletableParts, expiredParts, type KeptPart } from '../landing/disk-guard.ts'
import type { SyncedPart } from '../landing/landing.ts'
import { listParts } from '../landing/list-parts.ts'
import type { Uploader } from '../upload/uploader.ts'
import type { Loader } from './load-loop.ts'

/** What decides which parts may go. */
export interface Keeping {
  readonly landingDirectory: string
  readonly loader: Loader | undefined
  /** Undefined: there is no store. */
  readonly uploader: Uploader | undefined
  readonly retainMs: number | undefined
  /** Wall clock, ms. */
  readonly nowMs: number
}

/** Parts whose lines bronze is asked for at a time. */
const AT_ONCE = 256

/**
 * Parts that may be deleted, oldest first: sealed, uploaded or older than `retain` without a store, and in bronze to
 * their end, by its own ledger.
 *
 * @param which `when-full`: all of them · `expired`: those alone that are older than `retain`
 */
export async function* disposableParts(
  keeping: Keeping,
  which: 'when-full' | 'expired',
): AsyncGenerator<SyncedPart> {
  const { loader } = keeping
  if (loader === undefined) return
  const candidates = await findCandidates(keeping, which)
  for (let at = 0; at < candidates.length; at += AT_ONCE) {
    const some = candidates.slice(at, at + AT_ONCE)
    const loaded = await loader.loaded(some)
    for (const part of some) if (loaded.has(part.path)) yield part
  }
}

/** As if all were loaded: whether they are is asked of those alone that could go. */
async function findCandidates(
  { landingDirectory, uploader, retainMs, nowMs }: Keeping,
  which: 'when-full' | 'expired',
): Promise<KeptPart[]> {
  const parts: KeptPart[] = []
  for await (const { path, bytes, isSealed } of listParts(landingDirectory)) {
    // Dead letters wait for a replay, and are never loaded.
    if (!isSealed || path.startsWith('dead-letters')) continue
    parts.push({ path, bytes, isSealed, isUploaded: uploader?.isUploaded(path) ?? false, isLoaded: true })
  }
  const retention = { hasStore: uploader !== undefined, retainMs, nowMs }
  return which === 'expired' ? expiredParts(parts, retention) : deletableParts(parts, retention)
}
