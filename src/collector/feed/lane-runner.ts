import { type Connection, isDead } from './connection.ts'
import { createDataWatch } from './data-watch.ts'
import type { Heard } from './hear-frame.ts'
import { createLane, type Lane } from './lane.ts'
import { createCrew, type LaneOptions } from './lane-crew.ts'
import type { LiveConnection } from './live-connection.ts'
import { reduceLane } from './machine.ts'
import type { LaneEvent, Told } from './machine-types.ts'
import { noteEvent } from './note-event.ts'
import { inSeries } from './serial.ts'

/** A lane at work: what its state machine decides is done. */
export interface LaneRunner {
  lane(): Lane
  tell(event: LaneEvent): void
  /** Connections there are, whether open or not. */
  connections(): readonly LiveConnection[]
  /** Lands an event that is nobody's but the lane's. */
  note(told: Told): void
  tick(): void
}

/** A lane that waits for `{ type: 'start' }`. */
export function createLaneRunner(options: LaneOptions): LaneRunner {
  const { context, mapper, instruments, random, isPaused } = options
  const { clock } = context
  const { exchange } = mapper
  const byNative = new Map(instruments.map((one) => [one.nativeSymbol, one]))
  const crew = createCrew(options, { hear, connectionOf })
  let lane = createLane([...byNative.keys()])
  const tell = inSeries((event: LaneEvent) => {
    const moment = { nowMs: clock.monotonicMs(), random: random() }
    const step = reduceLane(lane, event, moment, mapper.limits)
    lane = step.lane
    for (const effect of step.effects) {
      if (effect.type === 'tell') note(effect, effect.id)
      else crew.act(effect)
    }
  })
  function connectionOf(id: number): Connection | undefined {
    return [lane.main, lane.heir].find((one) => one?.id === id)
  }
  function hear(id: number, heard: Heard): void {
    if (heard.type === 'connection') tell({ type: 'connection', id, event: heard.event })
    else if (heard.type !== 'complaint') tell({ ...heard, id })
    else context.log('warn', `${heard.cause} ${exchange}`, `${exchange}: ${heard.message}`)
  }
  function note(told: Told, id?: number): void {
    noteEvent(context, told, {
      exchange,
      feedId: crew.feedId(id),
      instrument: byNative.get(told.symbol ?? ''),
    })
  }
  const unseen = createDataWatch(0)
  return {
    lane: () => lane,
    tell,
    note,
    connections: () => [...crew.live.values()],
    tick() {
      for (const [id, live] of crew.live) {
        if (isPaused()) live.watch.frame(clock.monotonicMs())
        const connection = connectionOf(id)
        live.tick(connection !== undefined && isDead(connection))
      }
      tell({ type: 'tick', seen: (id) => crew.live.get(id)?.watch ?? unseen })
    },
  }
}
