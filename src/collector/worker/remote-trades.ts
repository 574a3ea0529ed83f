import type { FeedContext } from '../feed/feed.ts'
import type { TradesAnswer } from '../feed/trades-question.ts'
import type { FromWorker } from './protocol.ts'

/** Questions about trades, answered by the supervisor. */
export interface RemoteTrades {
  readonly hadTrades: FeedContext['hadTrades']
  /** The supervisor's answer to a question; null: cannot be told. */
  answered(id: number, answer: TradesAnswer | null): void
}

interface Question {
  readonly key: string
  readonly answer: Promise<TradesAnswer | undefined>
  readonly resolve: (answer: TradesAnswer | undefined) => void
}

/** One question per symbol and row held is under way; whoever asks meanwhile gets its answer. */
export function createRemoteTrades(send: (message: FromWorker) => void): RemoteTrades {
  const questions = new Map<number, Question>()
  let nextId = 0
  return {
    hadTrades(question) {
      const { exchange, nativeSymbol, held } = question
      const key = JSON.stringify([exchange, nativeSymbol, held])
      const same = [...questions.values()].find((one) => one.key === key)
      if (same !== undefined) return same.answer
      const id = nextId++
      let resolve: Question['resolve'] = () => undefined
      const answer = new Promise<TradesAnswer | undefined>((done) => {
        resolve = done
      })
      questions.set(id, { key, answer, resolve })
      send({ type: 'had-trades', id, question })
      return answer
    },
    answered(id, answer) {
      questions.get(id)?.resolve(answer ?? undefined)
      questions.delete(id)
    },
  }
}
