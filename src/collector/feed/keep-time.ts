import type { Clock } from '../../base/index.ts'
import type { LaneRunner } from './lane-runner.ts'
import type { RoomKeeper } from './room-keeper.ts'
import { createWallWatch } from './wall-watch.ts'

/** What goes by the clock in a feed. */
export interface TimeOptions {
  readonly clock: Clock
  readonly lanes: readonly LaneRunner[]
  readonly room: RoomKeeper
  readonly signal: AbortSignal
  readonly onJump: () => void
}

/** How often deadlines are looked at, ms. */
const TICK_MS = 250
/** A look that is later than this shows that it was us who slept, ms. */
const LATE_MS = 2_000

/** Looks at deadlines and clocks until `signal`. */
export async function keepTime({ clock, lanes, room, signal, onJump }: TimeOptions): Promise<void> {
  const wall = createWallWatch(clock)
  let lookedMs = clock.monotonicMs()
  while (await clock.sleep(TICK_MS, signal)) {
    // What came while we slept waits in the sockets: it is read before anybody is called silent.
    if (clock.monotonicMs() - lookedMs > LATE_MS && !(await clock.sleep(1, signal))) return
    lookedMs = clock.monotonicMs()
    const jumpMs = wall.look()
    if (jumpMs !== undefined) {
      for (const lane of lanes) noteJump(lane, jumpMs)
      onJump()
    }
    room.tick()
    for (const lane of lanes) lane.tick()
  }
}

/** Times before and after do not belong together; nothing else changes. */
function noteJump(lane: LaneRunner, jumpMs: number): void {
  for (const connection of lane.connections()) connection.cutUptime('clock_jump')
  lane.note({ event: 'clock_jump', cause: 'collector', details: { by_ms: jumpMs }, level: 'warn' })
}
