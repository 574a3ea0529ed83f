import { tell } from './connection.ts'
import { inTurn, type Lane, type LaneStep, liveSymbols, REJECTED_EVERY_MS } from './lane.ts'
import { beginHeir, connectIfDue, endConnection, isStable, planRotation } from './lane-connect.ts'
import { onConnection } from './lane-connection.ts'
import type { LaneRules, Moment, Seen } from './machine-types.ts'

/** A successor is given so long for the first data of every symbol, ms; then it takes over with what it has. */
const HANDOVER_MS = 120_000

interface Deciding {
  readonly moment: Moment
  readonly rules: LaneRules
}

/** What time alone does to a lane. */
export function tickLane(lane: Lane, seen: (id: number) => Seen, deciding: Deciding): LaneStep {
  const { moment } = deciding
  let step: LaneStep = { lane, effects: [] }
  for (const id of [lane.main?.id, lane.heir?.id]) {
    if (id === undefined) continue
    step = inTurn(step, onConnection(step.lane, id, { type: 'tick', seen: seen(id) }, deciding))
  }
  for (const next of [forgetAttempts, askRejectedAgain, rotateIfDue, handOver]) {
    step = inTurn(step, next(step.lane, deciding))
  }
  return inTurn(step, connectIfDue(step.lane, moment))
}

function forgetAttempts(lane: Lane, { moment }: Deciding): LaneStep {
  const isOver = lane.attempts > 0 && lane.main !== undefined && isStable(lane.main, moment.nowMs)
  return { lane: isOver ? { ...lane, attempts: 0 } : lane, effects: [] }
}

function askRejectedAgain(lane: Lane, deciding: Deciding): LaneStep {
  const { nowMs } = deciding.moment
  const isDue = (askAtMs: number | undefined) => askAtMs !== undefined && askAtMs <= nowMs
  const due = [...lane.rejections].filter(([, { askAtMs }]) => isDue(askAtMs)).map(([symbol]) => symbol)
  if (due.length === 0 || lane.main?.openedMs === undefined) return { lane, effects: [] }
  const rejections = new Map(lane.rejections)
  for (const symbol of due) {
    const reason = rejections.get(symbol)?.reason ?? ''
    rejections.set(symbol, { reason, askAtMs: nowMs + REJECTED_EVERY_MS })
  }
  return onConnection({ ...lane, rejections }, lane.main.id, { type: 'subscribe', symbols: due }, deciding)
}

function rotateIfDue(lane: Lane, { moment, rules }: Deciding): LaneStep {
  if (lane.rotation === undefined) return { lane: planRotation(lane, moment, rules), effects: [] }
  if (moment.nowMs < lane.rotation.atMs) return { lane, effects: [] }
  return beginHeir(lane, lane.rotation.cause, moment)
}

/** The old connection is closed once the new one has data of every symbol that the old one has. */
function handOver(lane: Lane, { moment }: Deciding): LaneStep {
  const { main, heir, rotation } = lane
  if (main === undefined || heir?.openedMs === undefined) return { lane, effects: [] }
  const isLate = moment.nowMs - heir.openedMs >= HANDOVER_MS
  if (heir.firstDataMs === undefined) {
    const end = { cause: 'no_data', details: undefined }
    return isLate ? endConnection(lane, { id: heir.id, end }, moment) : { lane, effects: [] }
  }
  const isMissing = (symbol: string) => heir.subscriptions.get(symbol)?.hasData === false
  if (!isLate && liveSymbols(lane).some(isMissing)) return { lane, effects: [] }
  const cause = rotation?.cause
  return {
    lane: { ...lane, main: heir, heir: undefined, rotation: undefined },
    effects: [
      tell(main, { event: 'rotated', cause, level: 'info' }),
      { type: 'end', id: main.id, cause: 'rotated' },
    ],
  }
}
