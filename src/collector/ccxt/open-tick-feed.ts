import { ATTEMPT_BUDGET, backoffMs } from '../feed/backoff.ts'
import type { Feed, FeedContext, FeedPlan, FeedStatus } from '../feed/feed.ts'
import { createTickEvents, type TickEvents } from './tick-events.ts'
import { openSession, type TickSession } from './tick-session.ts'

/** A feed is stable after so long with data: its attempts count from one again. */
const STABLE_MS = 30_000
/** How long a wait without an end is waited at a time. */
const LONG_MS = 6 * 3_600_000

/** Opens a feed of tickers through CCXT. It connects again for ever: no error of an exchange ends it. */
export async function openTickFeed(context: FeedContext, plan: FeedPlan): Promise<Feed> {
  const end = new AbortController()
  const events = createTickEvents(context, plan.exchange)
  const state: State = {
    is: 'connecting',
    reconnectsByCause: {},
    attempts: 0,
    session: undefined,
    hold: undefined,
  }
  const running = keepRunning({ context, plan, events, state, signal: end.signal })
  return {
    plan,
    status: () => statusOf(plan, state),
    async stop(cause) {
      state.stopCause = cause
      end.abort()
      await running
    },
    pause(cause) {
      state.hold ??= { cause, end: new AbortController() }
      state.breakOff?.abort()
    },
    resume() {
      state.hold?.end.abort()
      state.hold = undefined
    },
  }
}

interface State {
  is: FeedStatus['state']
  reconnectsByCause: Record<string, number>
  attempts: number
  session: TickSession | undefined
  hold: { readonly cause: string; readonly end: AbortController } | undefined
  stopCause?: string
  /** Ends the listening under way. */
  breakOff?: AbortController
}

interface Running {
  readonly context: FeedContext
  readonly plan: FeedPlan
  readonly events: TickEvents
  readonly state: State
  readonly signal: AbortSignal
}

async function keepRunning(running: Running): Promise<void> {
  const { context, plan, events, state, signal } = running
  while (!signal.aborted) {
    while (state.hold && !signal.aborted) await held(running, state.hold)
    if (signal.aborted) break
    state.attempts++
    state.is = state.attempts > ATTEMPT_BUDGET ? 'failed' : 'connecting'
    const startedMs = context.clock.monotonicMs()
    const cause = await orStopped(once(running), signal)
    events.end(cause)
    if (signal.aborted) break
    const [kind = cause] = cause.split(':')
    events.tell('disconnected', { cause: kind, attempt: state.attempts, details: { error: cause } })
    state.reconnectsByCause[kind] = (state.reconnectsByCause[kind] ?? 0) + 1
    context.log('warn', `${plan.exchange} ticks`, `${plan.exchange} ticks: ${cause}; connecting again`)
    const hadData = state.session?.log.silenceMs() !== undefined
    if (hadData && context.clock.monotonicMs() - startedMs >= STABLE_MS) state.attempts = 0
    await state.session?.hangUp()
    state.is = state.attempts >= ATTEMPT_BUDGET ? 'failed' : 'waiting'
    await context.clock.sleep(backoffMs(Math.max(1, state.attempts), Math.random()), signal)
  }
  events.tell('disconnected', { cause: state.stopCause ?? 'collector' })
  await state.session?.hangUp()
  state.is = 'stopped'
}

/** One try: markets, subscriptions, listening. @returns why it ended */
async function once({ context, plan, events, state, signal }: Running): Promise<string> {
  const breakOff = new AbortController()
  state.breakOff = breakOff
  const setState = (is: FeedStatus['state']) => {
    state.is = is
  }
  try {
    state.session ??= await openSession({ context, plan, events, setState })
    if (signal.aborted) return 'stopped'
    if (state.session.symbols.length === 0) {
      await context.clock.sleep(LONG_MS, AbortSignal.any([signal, breakOff.signal]))
      return 'no_symbols'
    }
    state.is = 'subscribing'
    return await state.session.run(AbortSignal.any([signal, breakOff.signal]))
  } catch (error) {
    if (!(error instanceof Error)) return `unknown: ${String(error)}`
    return `${snake(error.name)}: ${error.message.slice(0, 300)}`
  }
}

/** Whoever stops does not wait for an exchange that does not answer, nor for leave to ask it. */
async function orStopped(trying: Promise<string>, signal: AbortSignal): Promise<string> {
  let stop = () => {}
  const stopped = new Promise<string>((resolve) => {
    stop = () => resolve('stopped')
  })
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([trying, stopped])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function held(
  { state, events, context, signal }: Running,
  hold: NonNullable<State['hold']>,
): Promise<void> {
  state.is = 'paused'
  events.tell('paused', { cause: hold.cause })
  const isOver = AbortSignal.any([signal, hold.end.signal])
  while (!isOver.aborted) await context.clock.sleep(LONG_MS, isOver)
  state.attempts = 0
}

function statusOf({ exchange, kind }: FeedPlan, { is, session, reconnectsByCause }: State): FeedStatus {
  const counts = session?.log.counts()
  return {
    exchange,
    kind,
    state: is,
    connections: is === 'live' ? 1 : 0,
    symbolsLive: counts?.symbolsLive ?? 0,
    symbolsStale: counts?.symbolsStale ?? [],
    symbolsRejected: [...(session?.rejected ?? [])].map(([symbol, reason]) => ({ symbol, reason })),
    dataAgeS: counts?.dataAgeS ?? {},
    frames: counts?.frames ?? 0,
    bytes: counts?.bytes ?? 0,
    records: counts?.records ?? 0,
    deadLetters: 0,
    reconnectsByCause,
    lagMs: counts?.lagMs,
    clockOffsetMs: undefined,
  }
}

function snake(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()
}
