import { type Clock, linkedSignal } from '../../base/index.ts'
import type { RestClient } from '../broker/rest-client.ts'
import type { Mapper } from '../exchange/index.ts'
import type { ClockOffset } from './clock-offset.ts'
import { findUnlisted } from './listing.ts'
import { measureOffset } from './measure-offset.ts'

/** What a feed asks its exchange by REST, beside its sockets. */
export interface Questions {
  /** Asks what the exchange lists, if its WebSocket does not say so; at most `LIST_MS` long. */
  first(): Promise<void>
  /** Goes on asking, every hour, until `signal`. */
  keepAsking(): Promise<void>
  /** Our clock was set: measures the exchange's anew. */
  measureAgain(): void
}

/** What questions need. */
export interface QuestionOptions {
  readonly clock: Clock
  readonly mapper: Mapper
  readonly client: RestClient
  readonly restUrl: string
  readonly offset: ClockOffset
  readonly symbols: readonly string[]
  readonly signal: AbortSignal
  readonly onListed: (missing: ReadonlyMap<string, string>) => void
  readonly onTrouble: (message: string) => void
}

/** How often the exchange is asked what it lists and what time it is, ms. */
const ASK_EVERY_MS = 3_600_000
/** Sooner after an answer that could not be read, ms. */
const ASK_AGAIN_MS = 300_000
/** Symbols are subscribed unchecked if the exchange's list takes longer, ms. */
const LIST_MS = 10_000

/** Questions to one exchange. A failed one changes nothing. */
export function createQuestions(options: QuestionOptions): Questions {
  const { clock, mapper, offset, signal } = options
  let wake = new AbortController()
  const readList = async (): Promise<boolean> => {
    if (mapper.limits.acksSymbols) return true
    const missing = await findUnlisted(options, options.symbols)
    if (typeof missing !== 'string') options.onListed(missing)
    else options.onTrouble(`the list of symbols cannot be read: ${missing}`)
    return typeof missing !== 'string'
  }
  const keepListing = async (isKnown: boolean) => {
    let isRead = isKnown
    while (await clock.sleep(isRead ? ASK_EVERY_MS : ASK_AGAIN_MS, signal)) isRead = await readList()
  }
  const keepMeasuring = async () => {
    while (!signal.aborted) {
      await measureOffset(options)
      using woken = linkedSignal(signal, wake.signal)
      const isKnown = mapper.doesPongTellTime || offset.offsetMs() !== undefined
      await clock.sleep(isKnown ? ASK_EVERY_MS : ASK_AGAIN_MS, woken.signal)
      wake = new AbortController()
    }
  }
  let firstList: Promise<boolean> = Promise.resolve(false)
  return {
    async first() {
      firstList = readList().catch((error: unknown) => ignoreAbort(signal, error))
      const limit = new AbortController()
      await Promise.race([firstList, clock.sleep(LIST_MS, AbortSignal.any([signal, limit.signal]))])
      limit.abort()
    },
    async keepAsking() {
      const running = [firstList.then(keepListing), keepMeasuring()]
      for (const one of running) one.catch(() => undefined)
      for (const one of running) await one.catch((error: unknown) => ignoreAbort(signal, error))
    },
    measureAgain() {
      offset.forget()
      wake.abort()
    },
  }
}

/** An end is no failure. */
function ignoreAbort(signal: AbortSignal, error: unknown): false {
  if (!signal.aborted) throw error
  return false
}
