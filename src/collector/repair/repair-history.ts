import { dueWithin } from './exchange-watch.ts'
import { dueOf, type ExchangeRepair, lookUp, repairGap, serverNow } from './repair-exchange.ts'
import { historyRange, liveDue } from './repair-live.ts'

/**
 * Asks once for every instrument with old minutes that are due, as long as nothing live is; gives whether the
 * exchange answers.
 *
 * @param pause waits a moment; false: no more
 */
export async function repairHistory(repair: ExchangeRepair, pause: () => Promise<boolean>): Promise<boolean> {
  const range = historyRange(await serverNow(repair))
  const due = dueOf(repair, range)
  if (due.length === 0 || !(await lookUp(repair, due))) return true
  for (const { watched } of due) {
    while (liveDue(repair, await serverNow(repair)).length > 0) if (!(await pause())) return true
    const missing = dueWithin(watched, range, repair.input.clock.monotonicMs())
    if (missing.length === 0) continue
    const fault = await repairGap(repair, { watched, missing }, 'history')
    if (fault === 'unavailable') return false
  }
  return true
}
