import { type Instrument, KxError } from '../../base/index.ts'
import { createRestClient } from '../broker/rest-client.ts'
import { type Mapper, mapperOf } from '../exchange/index.ts'
import { createClockOffset } from './clock-offset.ts'
import type { Feed, FeedContext, FeedPlan } from './feed.ts'
import { createFeedCounts } from './feed-counts.ts'
import { statusOf } from './feed-status.ts'
import { keepTime } from './keep-time.ts'
import { createLaneRunner, type LaneRunner } from './lane-runner.ts'
import type { LaneEvent } from './machine-types.ts'
import { createQuestions } from './questions.ts'
import { createRoomKeeper } from './room-keeper.ts'

/** In place of what is usual. */
export interface FeedOptions {
  /** Default: the one of the plan's exchange. */
  readonly mapper?: Mapper
  /** From 0 to below 1. */
  readonly random?: () => number
}

/**
 * Opens the candle feed of one exchange: its instruments on as many connections as the exchange's limit calls for.
 * It connects again for ever; nothing an exchange does ends it.
 *
 * @throws {KxError} KX_USAGE if kx has no mapper for the exchange
 */
export function openFeed(context: FeedContext, plan: FeedPlan, options: FeedOptions = {}): Feed {
  const { clock, broker, log } = context
  const { mapper = mapperFor(plan.exchange), random = Math.random } = options
  const ending = new AbortController()
  const { signal } = ending
  const counts = createFeedCounts()
  const offset = createClockOffset()
  const lanes: LaneRunner[] = []
  const room = createRoomKeeper({ clock, hasRoom: context.hasRoom, lanes: () => lanes })
  const url = mapper.connectUrl(plan.settings.wsUrl ?? mapper.wsUrl)
  const tellAll = (event: LaneEvent) => {
    for (const lane of lanes) lane.tell(event)
  }
  for (const instruments of chunksOf(plan.instruments, mapper.limits.symbolsPerConnection)) {
    const laneContext = { ...context, land: landing(context, room.afterLanding) }
    const { isPaused } = room
    lanes.push(
      createLaneRunner({ context: laneContext, mapper, instruments, url, counts, offset, random, isPaused }),
    )
  }
  const questions = createQuestions({
    clock,
    mapper,
    client: createRestClient({ broker, clock }),
    restUrl: plan.settings.restUrl ?? mapper.restUrl,
    offset,
    symbols: plan.instruments.map(({ nativeSymbol }) => nativeSymbol),
    signal,
    onListed: (missing) => tellAll({ type: 'listed', missing }),
    onTrouble: (message) => log('warn', `rest ${plan.exchange}`, `${plan.exchange}: ${message}`),
  })
  const run = async () => {
    await questions.first()
    if (!signal.aborted) tellAll({ type: 'start' })
    await Promise.all([
      keepTime({ clock, lanes, room, signal, onJump: questions.measureAgain }),
      questions.keepAsking(),
    ])
  }
  const running = run()
  const pauses = new Set<string>()
  return {
    plan,
    status() {
      const states = lanes.map((lane) => lane.lane())
      return statusOf({ plan, clock, lanes: states, counts, offset })
    },
    async stop(cause) {
      tellAll({ type: 'stop', cause })
      ending.abort()
      await running
    },
    pause(cause) {
      pauses.add(cause)
      tellAll({ type: 'hold', cause })
    },
    resume() {
      for (const cause of pauses) tellAll({ type: 'release', cause })
      pauses.clear()
    },
  }
}

function mapperFor(exchange: string): Mapper {
  const mapper = mapperOf(exchange)
  if (mapper !== undefined) return mapper
  throw new KxError('KX_USAGE', `kx does not collect candles of ${exchange}`, {
    hint: 'Take its instruments out of project.yml, or collect its ticks through CCXT.',
  })
}

/** Lands lines, then looks whether there is room for more. */
function landing({ land }: FeedContext, after: () => void): FeedContext['land'] {
  return (lines) => {
    land(lines)
    after()
  }
}

function chunksOf(instruments: readonly Instrument[], size: number): Instrument[][] {
  const count = Math.ceil(instruments.length / size)
  return Array.from({ length: count }, (_, i) => instruments.slice(i * size, (i + 1) * size))
}
