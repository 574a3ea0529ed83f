import type { FeedContext } from '../feed/feed.ts'
import type { FromWorker } from './protocol.ts'

/** Questions about trades, answered by the supervisor. */
export interface RemoteTrades {
  readonly hadTrades: FeedContext['hadTrades']
  /** The supervisor's answer to a question; null: cannot be told. */
  answered(id: number, hadTrades: boolean | null): void
}

interface Question {
  readonly key: string
  readonly answer: Promise<boolean | undefined>
  readonly resolve: (hadTrades: boolean | undefined) => void
}

/** One question per symbol is under way; whoever asks meanwhile gets its answer. */
export function createRemoteTrades(send: (message: FromWorker) => void): RemoteTrades {
  const questions = new Map<number, Question>()
  let nextId = 0
  return {
    hadTrades(exchange, nativeSymbol, sinceMs) {
      const key = `${exchange} ${nativeSymbol}`
      const same = [...questions.values()].find((one) => one.key === key)
      if (same !== undefined) return same.answer
      const id = nextId++
      let resolve: Question['resolve'] = () => undefined
      const answer = new Promise<boolean | undefined>((done) => {
        resolve = done
      })
      questions.set(id, { key, answer, resolve })
      send({ type: 'had-trades', id, exchange, nativeSymbol, sinceMs })
      return answer
    },
    answered(id, hadTrades) {
      questions.get(id)?.resolve(hadTrades ?? undefined)
      questions.delete(id)
    },
  }
}
