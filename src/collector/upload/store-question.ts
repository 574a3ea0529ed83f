import type { Clock } from '../../base/index.ts'
import type { ObjectStore } from './object-store.ts'
import { backoffMs, type StoreLog, tellFailure } from './store-failure.ts'

/** What a store is asked at the start, so that wrong settings show now and not when the first hour is over. */
export interface StoreQuestion extends AsyncDisposable {
  /** Why there is no answer yet; undefined: there is one, or there was no time for one. */
  trouble(): string | undefined
  /** The store showed in another way that it is there: it is not asked again. */
  settle(): void
}

export interface StoreQuestionInput {
  readonly store: Pick<ObjectStore, 'ask'>
  readonly clock: Clock
  readonly random: () => number
  readonly log: StoreLog
  /** Whether parts do not go through either: then an answer alone is no good news. */
  readonly isTroubled: () => boolean
}

/** Asks at once, and again until there is an answer. What stands in its way is told each time; the log thins it. */
export function askStore({ store, clock, random, log, isTroubled }: StoreQuestionInput): StoreQuestion {
  const end = new AbortController()
  let trouble: string | undefined
  const settle = () => {
    trouble = undefined
    end.abort()
  }
  const ask = async () => {
    for (let failures = 1; !end.signal.aborted; failures += 1) {
      try {
        await store.ask(end.signal)
        if (trouble !== undefined && !isTroubled()) log('info', 'store_back', 'the store answers now')
        return settle()
      } catch (error) {
        if (end.signal.aborted) return
        tellFailure(log, error)
        trouble = error instanceof Error ? error.message : String(error)
      }
      await clock.sleep(backoffMs(failures, random), end.signal)
    }
  }
  const asking = ask()
  return {
    trouble: () => trouble,
    settle,
    async [Symbol.asyncDispose]() {
      end.abort()
      await asking
    },
  }
}
