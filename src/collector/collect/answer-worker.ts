import type { Broker } from '../broker/broker.ts'
import type { TradesAnswer, TradesQuestion } from '../feed/trades-question.ts'
import type { SyncedPart } from '../landing/landing.ts'
import type { Log } from '../status/log.ts'
import type { SupervisorHooks } from '../supervise/supervisor.ts'
import type { FromWorker, WorkerStatus } from '../worker/protocol.ts'

/** What workers reach through the supervisor. */
export interface WorkerServices {
  readonly broker: Broker
  /** Undefined: cannot be told now. */
  readonly hadTrades: (question: TradesQuestion, signal: AbortSignal) => Promise<TradesAnswer | undefined>
  readonly onSynced: (parts: readonly SyncedPart[]) => void
  readonly onStatus: (worker: number, status: WorkerStatus) => void
  readonly log: Log
}

type Worker = Parameters<SupervisorHooks['hear']>[1]

/** Answers what a worker says. Never throws; a worker that is gone gets no answer. */
export function answerWorker(message: FromWorker, worker: Worker, services: WorkerServices): void {
  switch (message.type) {
    case 'ask':
      services.broker.grant(message.ask, worker.signal).then(
        () => worker.answer({ type: 'granted', id: message.id }),
        () => undefined,
      )
      break
    case 'report':
      services.broker.report(message.report)
      break
    case 'had-trades':
      void answerHadTrades(message, worker, services)
      break
    case 'synced':
      services.onSynced(message.parts)
      break
    case 'status':
      // One that comes after its process ended would be counted again.
      if (!worker.signal.aborted) services.onStatus(worker.worker, message.status)
      break
    case 'log':
      services.log(message.level, message.cause, message.message)
      break
    case 'ready':
    case 'stopped':
      break
  }
}

async function answerHadTrades(
  { id, question }: Extract<FromWorker, { type: 'had-trades' }>,
  worker: Worker,
  { hadTrades, log }: WorkerServices,
): Promise<void> {
  let answer: TradesAnswer | undefined
  try {
    answer = await hadTrades(question, worker.signal)
  } catch (error) {
    // Nobody waits for the answer of a worker that is gone.
    if (worker.signal.aborted) return
    log(
      'warn',
      'had_trades_failed',
      `${question.exchange} ${question.nativeSymbol}: ${(error as Error).message}`,
    )
  }
  worker.answer({ type: 'traded', id, answer: answer ?? null })
}
