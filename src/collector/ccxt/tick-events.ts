import { eventLine, uptimeLine } from '../delivery/lines.ts'
import type { FeedContext } from '../feed/feed.ts'
import { createUptime } from '../feed/uptime.ts'
import type { ConnectionEvent } from '../record/index.ts'
import type { ReceptionTime } from './reception-times.ts'

/** What happens to a tick feed, and when it was up, told to the landing. */
export interface TickEvents {
  /** A new connection: its id, which later events carry. */
  newFeed(): string
  feedId(): string
  tell(event: string, more?: Partial<Pick<ConnectionEvent, 'symbol' | 'cause' | 'details' | 'attempt'>>): void
  /** A tick came. */
  seen(at: ReceptionTime): void
  /** The connection is over. */
  end(cause: string): void
}

/** Events of one tick feed. */
export function createTickEvents(
  { clock, nextFeedId, land }: Pick<FeedContext, 'clock' | 'nextFeedId' | 'land'>,
  exchange: string,
): TickEvents {
  let feedId = nextFeedId(exchange)
  const uptime = createUptime('ticks')
  const origin = () => ({
    exchange,
    feedId,
    receivedAtMs: clock.now(),
    monotonicNs: BigInt(Math.round(clock.monotonicMs() * 1e6)),
  })
  const landUptime = (segments: ReturnType<typeof uptime.grown>) => {
    if (segments.length > 0) land(segments.map((segment) => uptimeLine(origin(), segment)))
  }
  return {
    newFeed() {
      feedId = nextFeedId(exchange)
      return feedId
    },
    feedId: () => feedId,
    tell(event, { symbol, cause, details, attempt } = {}) {
      land([eventLine(origin(), { symbol, event, atMs: clock.now(), attempt, cause, details })])
    },
    seen({ wallMs, monotonicNs }) {
      uptime.seen(wallMs, Number(monotonicNs) / 1e6)
      landUptime(uptime.grown())
    },
    end: (cause) => landUptime(uptime.end(cause)),
  }
}
