import { KxError } from '../../base/index.ts'
import type { AnswerBackfill } from '../control/answer-control.ts'
import { runBackfill } from '../repair/backfill.ts'
import { chooseInstruments } from '../repair/choose-instruments.ts'
import { type RepairSources, repairContext } from './repair-context.ts'

/** What was landed is in bronze within seconds; a loader that is far behind is not waited for, ms of the machine. */
const LOADED_WITHIN_MS = 60_000

/** Backfills through the landing, the budget and the loader of a running collector. */
export function answerBackfill(sources: RepairSources): AnswerBackfill {
  return async function* ({ fromMs, toMs, exchanges, symbols }, signal) {
    const { loader } = sources.base.readers
    const context = repairContext(sources)
    if (!context || !loader) {
      throw new KxError('KX_USAGE', 'the collector that runs here loads no candles', {
        hint: 'Stop it first, or start it without --no-load.',
      })
    }
    const { instruments } = chooseInstruments(context.instruments, { exchanges, symbols })
    const range = { fromMs, toMs }
    const load = async () => void (await loader.drain(LOADED_WITHIN_MS))
    yield* runBackfill({ ...context, signal, instruments, range, load })
  }
}
