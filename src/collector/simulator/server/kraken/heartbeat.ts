import type { Connection, OutFrame } from '../connection.ts'

const IDLE_MS = 60_000
const HEARTBEAT_MS = 1000

/**
 * A connection's `send` that adds a heartbeat to each second without a frame, once something is subscribed. Without
 * a subscription the connection is closed after a minute.
 */
export function sendWithHeartbeat(
  connection: Connection,
  isSubscribed: () => boolean,
): (frame: OutFrame) => void {
  const { timeline } = connection.venue
  let [sentMs, subscribedMs] = [timeline.now(), timeline.now()]
  let callOff = () => {}
  const send = (frame: OutFrame) => {
    sentMs = timeline.now()
    connection.send(frame)
  }
  const beat = () => {
    const now = timeline.now()
    if (isSubscribed()) {
      subscribedMs = now
      if (now - sentMs >= HEARTBEAT_MS) send({ text: '{"channel":"heartbeat"}' })
    } else if (now - subscribedMs >= IDLE_MS) return connection.close(1000, 'Idle', 'idle')
    callOff = timeline.at(Math.max(now + HEARTBEAT_MS / 10, sentMs + HEARTBEAT_MS), beat)
  }
  callOff = timeline.at(sentMs + HEARTBEAT_MS, beat)
  connection.onEnd(() => callOff())
  return send
}
