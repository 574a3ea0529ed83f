import { type Instrument, KxError } from '../../base/index.ts'
import { createRestClient } from '../broker/rest-client.ts'
import { type Mapper, mapperOf } from '../exchange/index.ts'
import { type ClockOffset, createClockOffset } from './clock-offset.ts'
import type { Feed, FeedContext, FeedPlan } from './feed.ts'
import { createFeedCounts, type FeedCounts } from './feed-counts.ts'
import { statusOf } from './feed-status.ts'
import { keepTime } from './keep-time.ts'
import { createLaneRunner, type LaneRunner } from './lane-runner.ts'
import type { LaneEvent } from './machine-types.ts'
import { createQuestions } from './questions.ts'
import { createRoomKeeper, type RoomKeeper } from './room-keeper.ts'

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
  const { clock } = context
  const { mapper = mapperFor(plan.exchange), random = Math.random } = options
  const ending = new AbortController()
  const work: Work = {
    ...{ context, plan, mapper, random, signal: ending.signal },
    counts: createFeedCounts(),
    offset: createClockOffset(),
    lanes: [],
  }
  const { lanes, counts, offset } = work
  const room = createRoomKeeper({ clock, hasRoom: context.hasRoom, lanes, signal: ending.signal })
  lanes.push(...openLanes(work, room))
  const running = run(work, room)
  const pauses = new Set<string>()
  return {
    plan,
    status: () => statusOf({ plan, clock, lanes: lanes.map((lane) => lane.lane()), counts, offset }),
    async stop(cause) {
      tellAll(lanes, { type: 'stop', cause })
      ending.abort()
      await running
    },
    pause(cause) {
      pauses.add(cause)
      tellAll(lanes, { type: 'hold', cause })
    },
    resume() {
      for (const cause of pauses) tellAll(lanes, { type: 'release', cause })
      pauses.clear()
    },
  }
}

/** What the parts of a feed share. */
interface Work {
  readonly context: FeedContext
  readonly plan: FeedPlan
  readonly mapper: Mapper
  readonly random: () => number
  readonly signal: AbortSignal
  readonly counts: FeedCounts
  readonly offset: ClockOffset
  readonly lanes: LaneRunner[]
}

function openLanes({ context, plan, mapper, ...shared }: Work, room: RoomKeeper): LaneRunner[] {
  const url = mapper.connectUrl(plan.settings.wsUrl ?? mapper.wsUrl)
  const land: FeedContext['land'] = (lines) => {
    context.land(lines)
    room.afterLanding()
  }
  return chunksOf(plan.instruments, mapper.limits.symbolsPerConnection).map((instruments) =>
    createLaneRunner({
      ...{ ...shared, mapper, url, instruments, isPaused: room.isPaused },
      context: { ...context, land },
    }),
  )
}

/** Begins to connect, once it is known what the exchange lists, and keeps time until the end. */
async function run({ context, plan, mapper, offset, lanes, signal }: Work, room: RoomKeeper): Promise<void> {
  const { clock, broker, log } = context
  const questions = createQuestions({
    ...{ clock, mapper, offset, signal },
    client: createRestClient({ broker, clock }),
    restUrl: plan.settings.restUrl ?? mapper.restUrl,
    symbols: plan.instruments.map(({ nativeSymbol }) => nativeSymbol),
    onListed: (missing) => tellAll(lanes, { type: 'listed', missing }),
    onTrouble: (message) => log('warn', `rest ${plan.exchange}`, `${plan.exchange}: ${message}`),
  })
  await questions.first()
  if (!signal.aborted) tellAll(lanes, { type: 'start' })
  await Promise.all([
    keepTime({ clock, lanes, room, signal, onJump: questions.measureAgain }),
    questions.keepAsking(),
  ])
}

function tellAll(lanes: readonly LaneRunner[], event: LaneEvent): void {
  for (const lane of lanes) lane.tell(event)
}

function mapperFor(exchange: string): Mapper {
  const mapper = mapperOf(exchange)
  if (mapper !== undefined) return mapper
  throw new KxError('KX_USAGE', `kx does not collect candles of ${exchange}`, {
    hint: 'Take its instruments out of project.yml, or collect its ticks through CCXT.',
  })
}

function chunksOf(instruments: readonly Instrument[], size: number): Instrument[][] {
  const count = Math.ceil(instruments.length / size)
  return Array.from({ length: count }, (_, i) => instruments.slice(i * size, (i + 1) * size))
}
