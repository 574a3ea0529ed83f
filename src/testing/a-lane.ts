import { createDataWatch, type DataWatch } from '../collector/feed/data-watch.ts'
import { createLane, type Lane } from '../collector/feed/lane.ts'
import { reduceLane } from '../collector/feed/machine.ts'
import type { LaneEffect, LaneEvent, LaneRules } from '../collector/feed/machine-types.ts'

/** How a pretended exchange treats a lane; may be changed between two runs. */
export interface LaneWorld {
  /** Whether a handshake succeeds, is refused, or is never answered. */
  opens: 'yes' | 'no' | 'never'
  /** What becomes of a symbol that is subscribed: data every second, an ack alone, a refusal, nothing. */
  symbols: Record<string, 'delivers' | 'silent' | 'rejected' | 'unanswered' | 'quiet'>
  /** Anything that comes at all, data aside: heartbeats. */
  beats: boolean
  isDown: boolean
}

/** A lane and its world, in a time of their own. */
export interface ALane {
  readonly world: LaneWorld
  /** What was told, one line each: `12.5 disconnected lost`. */
  readonly story: string[]
  lane(): Lane
  nowMs(): number
  connects(): number
  /** Connections that are open now. */
  open(): number
  feed(event: LaneEvent): void
  /** Lets time pass, in steps. */
  run(ms: number): void
}

const RULES: LaneRules = { acksSymbols: true, silenceMs: 10_000, quietMs: 120_000, lifetimeMs: undefined }

interface Socket {
  readonly watch: DataWatch
  isOpen: boolean
  readonly asked: Set<string>
}

/** A lane that is driven by hand: no clock, no socket, no chance (`random` is 0.5). */
export function aLane(options: {
  world: Partial<LaneWorld> & Pick<LaneWorld, 'symbols'>
  rules?: Partial<LaneRules>
  random?: () => number
  /** Ms between two looks; a divisor or a multiple of a second. */
  stepMs?: number
}): ALane {
  const rules = { ...RULES, ...options.rules }
  const stepMs = options.stepMs ?? 250
  const random = options.random ?? (() => 0.5)
  const world: LaneWorld = { opens: 'yes', beats: true, isDown: false, ...options.world }
  const sockets = new Map<number, Socket>()
  const story: string[] = []
  const queue: LaneEvent[] = []
  let lane = createLane(Object.keys(world.symbols))
  let nowMs = 0
  let connects = 0

  const onConnection = (id: number, event: Extract<LaneEvent, { type: 'connection' }>['event']) =>
    queue.push({ type: 'connection', id, event })
  const act = (effect: LaneEffect): void => {
    switch (effect.type) {
      case 'ask':
        sockets.set(effect.id, { watch: createDataWatch(nowMs), isOpen: false, asked: new Set() })
        return void onConnection(effect.id, { type: 'granted' })
      case 'open':
        connects += 1
        answerOpen(effect.id)
        return
      case 'subscribe':
        onConnection(effect.id, { type: 'sent', symbols: effect.symbols })
        for (const symbol of effect.symbols) answerSubscribe(effect.id, symbol)
        return
      case 'unsubscribe':
        for (const symbol of effect.symbols) sockets.get(effect.id)?.asked.delete(symbol)
        return
      case 'probe': {
        const { id, symbol, ageMs } = effect
        const hadTrades = world.symbols[symbol] !== 'quiet'
        const answer = { hadTrades, isAllHeld: !hadTrades }
        return void onConnection(id, { type: 'probed', symbol, ageMs, answer })
      }
      case 'end':
        return void sockets.delete(effect.id)
      case 'tell':
        story.push(
          [nowMs / 1000, effect.event, effect.symbol, effect.cause].filter((x) => x !== undefined).join(' '),
        )
    }
  }
  const answerOpen = (id: number) => {
    if (world.opens === 'never') return
    if (world.opens === 'no' || world.isDown) {
      return void onConnection(id, { type: 'lost', end: { cause: 'unreachable', details: undefined } })
    }
    const socket = sockets.get(id)
    if (socket) socket.isOpen = true
    onConnection(id, { type: 'opened', symbols: [] })
  }
  const answerSubscribe = (id: number, symbol: string) => {
    const kind = world.symbols[symbol]
    if (kind === 'unanswered' || kind === undefined) return
    if (kind === 'rejected') {
      return void onConnection(id, { type: 'rejected', symbols: [symbol], reason: 'not supported' })
    }
    sockets.get(id)?.asked.add(symbol)
    onConnection(id, { type: 'acknowledged', symbols: [symbol] })
  }
  const feed = (event: LaneEvent) => {
    queue.push(event)
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const step = reduceLane(lane, next, { nowMs, random: random() }, rules)
      lane = step.lane
      for (const effect of step.effects) act(effect)
    }
  }
  const live = () => {
    for (const [id, { watch, isOpen, asked }] of sockets) {
      if (!isOpen || world.isDown) continue
      if (world.beats) watch.frame(nowMs)
      if (nowMs % 1000 !== 0) continue
      for (const symbol of asked) {
        if (world.symbols[symbol] !== 'delivers') continue
        watch.frame(nowMs)
        watch.data(symbol, nowMs)
        feed({ type: 'connection', id, event: { type: 'data', symbol } })
      }
    }
  }
  return {
    world,
    story,
    lane: () => lane,
    nowMs: () => nowMs,
    connects: () => connects,
    open: () => [...sockets.values()].filter(({ isOpen }) => isOpen).length,
    feed,
    run(ms) {
      for (const endMs = nowMs + ms; nowMs < endMs; ) {
        nowMs += stepMs
        live()
        feed({ type: 'tick', seen: (id) => sockets.get(id)?.watch ?? createDataWatch(nowMs) })
      }
    },
  }
}
