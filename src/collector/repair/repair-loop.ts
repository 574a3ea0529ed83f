import { Channel, HOUR_MS } from '../../base/index.ts'
import { openAsker } from './asker.ts'
import { createBronzeReader } from './bronze-reader.ts'
import { createWatch, reportOpen } from './exchange-watch.ts'
import { minuteOf } from './minute-ranges.ts'
import type { RepairEvent } from './repair-event.ts'
import type { ExchangeRepair } from './repair-exchange.ts'
import { repairHistory } from './repair-history.ts'
import type { RepairInput } from './repair-input.ts'
import { liveEvery, repairLive } from './repair-live.ts'
import { faultWaitMs } from './retry.ts'

/** Between two looks at what is due, ms. */
const LOOK_EVERY_MS = 5000

/**
 * Repairs the candles of a running collector until `signal` aborts: every expected minute without a final row in
 * bronze, whatever feeds say of themselves, is asked for by REST and landed. Live minutes go before older ones; what
 * stays open is asked again later and later, and reported each hour.
 *
 * While bronze cannot be read nothing is known to be missing: it pauses, and goes on by itself.
 *
 * @throws only what is a fault of kx itself, or of the landing
 */
export async function* runRepair(input: RepairInput): AsyncGenerator<RepairEvent, void> {
  const events = new Channel<RepairEvent>()
  const stop = new AbortController()
  const abort = () => stop.abort(input.signal.reason)
  if (input.signal.aborted) abort()
  input.signal.addEventListener('abort', abort, { once: true })
  const inner = { ...input, signal: stop.signal }
  const running = runLoops(inner, (event) => events.push(event)).then(
    () => events.close(),
    (error) => {
      stop.abort(error)
      events.fail(error)
    },
  )
  try {
    yield* events
  } finally {
    stop.abort()
    input.signal.removeEventListener('abort', abort)
    await running
  }
}

async function runLoops(input: RepairInput, tell: (event: RepairEvent) => void): Promise<void> {
  const reader = createBronzeReader(input, { clock: input.clock, tell })
  const repairs = input.exchanges.map((exchange): ExchangeRepair => {
    const own = input.instruments.filter((one) => one.exchange === exchange.mapper.exchange)
    const asker = openAsker(exchange, input)
    return {
      ...{ asker, input, reader, tell },
      watch: createWatch(own),
      liveEveryMs: liveEvery(asker, own.length),
      passedMs: minuteOf(input.sinceMs),
      toldMinutes: undefined,
      behindSinceMs: undefined,
    }
  })
  const pause = () => input.clock.sleep(LOOK_EVERY_MS, input.signal)
  await Promise.all([
    ...repairs.map((repair) => repeat(input, () => repairLive(repair))),
    ...repairs.map((repair) => repeat(input, () => repairHistory(repair, pause))),
    reportHours(input, repairs, tell),
  ])
}

/** Does something again and again, less often while the exchange does not answer. */
async function repeat({ clock, signal }: RepairInput, act: () => Promise<boolean>): Promise<void> {
  let faults = 0
  while (!signal.aborted) {
    try {
      faults = (await act()) ? 0 : faults + 1
    } catch (error) {
      if (!signal.aborted) throw error
    }
    await clock.sleep(Math.max(LOOK_EVERY_MS, faultWaitMs('unavailable', faults)), signal)
  }
}

/** Whether bronze was asked, and has all that the landing has: else minutes are open that are only not seen yet. */
function isKnown({ watch, toldMinutes, behindSinceMs }: ExchangeRepair): boolean {
  return watch.length === 0 || (toldMinutes !== undefined && behindSinceMs === undefined)
}

/** Tells of each hour, once it is settled and bronze is known, what is still open. */
async function reportHours(
  { clock, signal, settleMs }: RepairInput,
  repairs: readonly ExchangeRepair[],
  tell: (event: RepairEvent) => void,
): Promise<void> {
  const hourOf = (ms: number) => Math.floor((ms - settleMs) / HOUR_MS) * HOUR_MS
  const now = () => repairs[0]?.asker.heardMs() ?? clock.now()
  let lastMs = hourOf(now())
  while (await clock.sleep(LOOK_EVERY_MS, signal)) {
    const hourMs = hourOf(now())
    // What bronze was not asked about yet is not missing for that.
    if (hourMs === lastMs || !repairs.every(isKnown)) continue
    lastMs = hourMs
    const open = repairs.flatMap(({ watch }) => watch.flatMap((watched) => reportOpen(watched) ?? []))
    tell({ type: 'hour', hourMs: hourMs - HOUR_MS, open })
  }
}
