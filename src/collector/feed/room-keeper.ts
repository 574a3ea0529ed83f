import type { Clock } from '../../base/index.ts'
import type { LaneRunner } from './lane-runner.ts'

/** Keeps a feed from taking more than the landing can write. */
export interface RoomKeeper {
  /** After frames were landed: pauses the sockets if there is no room for more. */
  afterLanding(): void
  /** With time: hangs up where there was no room for too long. */
  tick(): void
  isPaused(): boolean
}

/** So long sockets are paused, ms, before an exchange is told by a closed connection that we do not keep up. */
const PAUSED_MS = 10_000
const CAUSE = 'backpressure'
/** How often a paused feed looks for room, ms: a disk that only lagged behind makes it soon. */
const LOOK_EVERY_MS = 10

/** What a room keeper needs of its feed. */
export interface RoomOptions {
  readonly clock: Clock
  readonly hasRoom: () => boolean
  /** Of the feed; filled later. */
  readonly lanes: readonly LaneRunner[]
  readonly signal: AbortSignal
}

/** A keeper who starts with room. */
export function createRoomKeeper({ clock, hasRoom, lanes, signal }: RoomOptions): RoomKeeper {
  let pausedMs: number | undefined
  let isHeld = false
  const look = () => {
    if (pausedMs !== undefined || hasRoom()) return
    pausedMs = clock.monotonicMs()
    pause()
    void resumeWithRoom()
  }
  const connections = () => lanes.flatMap((lane) => lane.connections())
  const pause = () => {
    for (const connection of connections()) connection.pause()
  }
  const resume = () => {
    pausedMs = undefined
    for (const connection of connections()) connection.resume()
    if (isHeld) for (const lane of lanes) lane.tell({ type: 'release', cause: CAUSE })
    isHeld = false
  }
  const resumeWithRoom = async () => {
    while (await clock.sleep(LOOK_EVERY_MS, signal)) if (hasRoom()) return resume()
  }
  return {
    afterLanding: look,
    tick() {
      if (pausedMs === undefined) return look()
      // One may have been opened meanwhile.
      pause()
      if (isHeld || clock.monotonicMs() - pausedMs < PAUSED_MS) return
      isHeld = true
      for (const lane of lanes) lane.tell({ type: 'hold', cause: CAUSE })
    },
    isPaused: () => pausedMs !== undefined,
  }
}
