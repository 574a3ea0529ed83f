/** A signal that aborts when one of the others does, until it is disposed. */
export interface LinkedSignal extends Disposable {
  readonly signal: AbortSignal
}

/**
 * Links a signal to others for a while. AbortSignal.any leaves some 60 bytes in each of them for ever (Node 20):
 * a loop of a process that runs for months must let go.
 */
export function linkedSignal(...signals: readonly AbortSignal[]): LinkedSignal {
  const linked = new AbortController()
  const abort = () => linked.abort()
  const unlink = () => {
    for (const signal of signals) signal.removeEventListener('abort', abort)
  }
  for (const signal of signals) {
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
  }
  return { signal: linked.signal, [Symbol.dispose]: unlink }
}
