import { type Instrument, KxError } from '../../base/index.ts'
import type { Warehouse } from '../../warehouse/index.ts'
import { createRestClient } from '../broker/rest-client.ts'
import type { RepairEvent } from '../repair/repair-event.ts'
import type { RepairInput } from '../repair/repair-input.ts'
import { runRepair } from '../repair/repair-loop.ts'
import type { Loader } from './load-loop.ts'
import type { Log } from './log.ts'
import { repairExchanges } from './repair-exchanges.ts'
import type { TaskInput } from './task-input.ts'

const DAY_MS = 86_400_000
/** Older minutes that nobody repaired are for `kx backfill`. */
const REACH_MS = 3 * DAY_MS
const MOST_NAMES = 10

/** Repairs the candles of these feeds until `signal` aborts; needs a loader, for what is missing is what bronze lacks. */
export async function repairTask(tasks: TaskInput): Promise<void> {
  const { input, base, collector, signal } = tasks
  const { clock } = input
  const { loader } = base.readers
  const feeds = input.feeds.filter(({ kind }) => kind === 'candles')
  const table = { schema: 'bronze', name: 'ohlcv_native' }
  if (!loader || !input.bronze || feeds.length === 0) return
  const { target } = input.bronze
  const repair: RepairInput = {
    ...{ clock, signal, table, settleMs: input.settleMs },
    warehouse: { target, query: (...asked) => warehouseOf(loader).query(...asked) },
    instruments: feeds.flatMap(({ instruments }): readonly Instrument[] => instruments),
    exchanges: repairExchanges(feeds),
    client: createRestClient({ broker: base.broker, clock }),
    land: collector.landing.land,
    nextFeedId: collector.landing.nextFeedId,
    sinceMs: Math.max(tasks.beganMs, clock.now() - REACH_MS),
    isLoaded: base.readers.isLoaded,
  }
  for await (const event of runRepair(repair)) {
    tasks.openMinutes.note(event)
    logRepair(event, base.log)
  }
}

function warehouseOf(loader: Loader): Warehouse {
  const bronze = loader.bronze()
  if (bronze) return bronze.warehouse
  throw new KxError('KX_WAREHOUSE_UNREACHABLE', 'the warehouse is away', {
    hint: 'It is tried again by itself.',
  })
}

function logRepair(event: RepairEvent, log: Log): void {
  switch (event.type) {
    case 'fault':
      log(
        'warn',
        `repair_${event.exchange}_${event.fault}`,
        `${event.exchange} ${event.nativeSymbol}: ${event.reason}`,
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
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''
  const hour = new Date(hourMs).toISOString().slice(0, 13)
  log(
    'warn',
    'open_minutes',
    `minutes without a final row after ${hour}: ${names.slice(0, MOST_NAMES).join(', ')}${more}`,
  )
}
