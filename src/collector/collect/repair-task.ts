import type { RepairEvent } from '../repair/repair-event.ts'
import type { RepairInput } from '../repair/repair-input.ts'
import { runRepair } from '../repair/repair-loop.ts'
import type { Log } from '../status/log.ts'
import { shortList } from '../status/short-list.ts'
import { repairContext } from './repair-context.ts'
import type { TaskInput } from './task-input.ts'

const DAY_MS = 86_400_000
/** Older minutes that nobody repaired are for `kx backfill`. */
const REACH_MS = 3 * DAY_MS
const MOST_NAMES = 10

/** Repairs the candles of these feeds until `signal` aborts; needs a loader, for what is missing is what bronze lacks. */
export async function repairTask(tasks: TaskInput): Promise<void> {
  const { input, base, signal } = tasks
  const context = repairContext(tasks)
  if (!context) return
  const repair: RepairInput = {
    ...{ ...context, signal, settleMs: input.settleMs },
    sinceMs: Math.max(tasks.beganMs, input.clock.now() - REACH_MS),
    isLoaded: base.readers.isLoaded,
  }
  for await (const event of runRepair(repair)) {
    tasks.openMinutes.note(event)
    logRepair(event, base.log)
  }
}

function logRepair(event: RepairEvent, log: Log): void {
  switch (event.type) {
    case 'fault':
      log(
        'warn',
        `repair_${event.exchange}_${event.fault}`,
        `${event.exchange} ${event.nativeSymbol}: REST has no candles for now: ${event.reason}; asked again`,
      )
      break
    case 'unreachable':
      log(
        'warn',
        `repair_${event.exchange}_unreachable`,
        `${event.exchange} ${event.nativeSymbol}: ${event.minutes} minutes are older than the exchange goes back`,
      )
      break
    case 'paused':
      log('info', 'repair_paused', `repair waits for the warehouse: ${event.reason}`)
      break
    case 'hour':
      logHour(event, log)
      break
    case 'landed':
    case 'open':
    case 'resumed':
      break
  }
}

function logHour({ hourMs, open }: Extract<RepairEvent, { type: 'hour' }>, log: Log): void {
  if (open.length === 0) return
  const names = open.map(({ exchange, nativeSymbol, minutes }) => `${exchange} ${nativeSymbol} ${minutes}`)
  const hour = new Date(hourMs).toISOString().slice(0, 13)
  log('warn', 'open_minutes', `minutes without a final row after ${hour}: ${shortList(names, MOST_NAMES)}`)
}
