import type { SyncedPart } from '../landing/landing.ts'
import type { Tail } from '../load/tail.ts'

/** Who wants to know which parts are loaded, and waits for the loader's next turn. */
export interface LoadQuestions {
  ask(parts: readonly SyncedPart[]): Promise<ReadonlySet<string>>
  areAny(): boolean
  /** Answers all: a tail knows of what it loaded, or loads it now. */
  answer(tail: Tail): Promise<void>
  /** Answers all with none: nobody can tell now. */
  dismiss(): void
}

interface Question {
  readonly parts: readonly SyncedPart[]
  readonly resolve: (loaded: ReadonlySet<string>) => void
}

/** Nothing asked yet. */
export function createLoadQuestions(): LoadQuestions {
  let questions: Question[] = []
  return {
    ask: (parts) =>
      new Promise((resolve) => {
        questions.push({ parts, resolve })
      }),
    areAny: () => questions.length > 0,
    async answer(tail) {
      for (let question = questions[0]; question !== undefined; question = questions[0]) {
        const { parts } = question
        const result = await tail.load(parts)
        const bytes = new Map(parts.map((part) => [part.path, part.bytes]))
        const loaded = result.parts.filter(
          ({ path, loadedBytes, problem }) => problem === undefined && loadedBytes >= (bytes.get(path) ?? 0),
        )
        questions.shift()
        question.resolve(new Set(loaded.map(({ path }) => path)))
      }
    },
    dismiss() {
      for (const { resolve } of questions) resolve(new Set())
      questions = []
    },
  }
}
