import type { Random } from '../random.ts'
import type { Connection, MarketNote, OutFrame } from '../server/connection.ts'
import type { CorruptFault, DelayFinalFault, DuplicateFault, ReorderFault, SplitFault } from './fault.ts'

/** Faults that act on single frames. */
export type FrameFault = DuplicateFault | ReorderFault | CorruptFault | DelayFinalFault | SplitFault

/** What becomes of frames on their way out. */
export interface FrameFaults {
  /** Waits for its frame; `done` is told each time it took effect. */
  arm(fault: FrameFault, done: (connection: Connection, symbol: string | undefined) => void): void
  /** Delivers a frame, or does with it what faults want. */
  pass(connection: Connection, frame: OutFrame): void
}

interface Armed {
  readonly fault: FrameFault
  readonly done: (connection: Connection, symbol: string | undefined) => void
  left: number
}

/** What is kept back on a connection. */
interface Kept {
  /** The frame that waits for one of another symbol, and the fault that made it wait. */
  swap: { readonly frame: OutFrame; readonly armed: Armed } | undefined
  /** Frames that come late, by symbol, in their order. */
  readonly late: Map<string, OutFrame[]>
}

const MINUTE_MS = 60_000
const DELAY_MS = 90_000
const SPLIT_MS = 2000
/** A frame that waits for another symbol's goes alone after this. */
const SWAP_WITHIN_MS = 5000

/** Nothing is armed at first. */
export function openFrameFaults(random: Random): FrameFaults {
  const armedFaults: Armed[] = []
  const keptBy = new WeakMap<Connection, Kept>()
  const keptOf = (connection: Connection): Kept => {
    const kept = keptBy.get(connection) ?? { swap: undefined, late: new Map() }
    keptBy.set(connection, kept)
    return kept
  }
  const spend = (armed: Armed, connection: Connection, symbol: string | undefined) => {
    armed.left--
    if (armed.left <= 0) armedFaults.splice(armedFaults.indexOf(armed), 1)
    armed.done(connection, symbol)
  }

  const keepForSwap = (connection: Connection, frame: OutFrame, armed: Armed) => {
    const kept = keptOf(connection)
    const swap = { frame, armed }
    kept.swap = swap
    const { timeline } = connection.venue
    timeline.at(timeline.now() + SWAP_WITHIN_MS, () => {
      if (kept.swap !== swap) return
      kept.swap = undefined
      connection.deliver(frame)
    })
  }
  const delay = (connection: Connection, frame: OutFrame, symbol: string, byMs: number) => {
    const { late } = keptOf(connection)
    late.set(symbol, [frame])
    const { timeline } = connection.venue
    timeline.at(timeline.now() + byMs, () => {
      const frames = late.get(symbol) ?? []
      late.delete(symbol)
      for (const each of frames) connection.deliver(each, { fate: 'late' })
    })
  }
  const apply = (armed: Armed, connection: Connection, frame: OutFrame) => {
    const { fault } = armed
    const symbol = frame.market?.symbol
    if (fault.kind === 'reorder') return keepForSwap(connection, frame, armed)
    spend(armed, connection, symbol)
    if (fault.kind === 'duplicate') {
      connection.deliver(frame)
      connection.deliver(frame, { fate: 'repeated' })
    } else if (fault.kind === 'corrupt') {
      connection.deliver(frame, { fate: 'corrupted', text: corrupted(frame.text, fault, random) })
    } else if (fault.kind === 'split') {
      connection.deliver(frame, { fate: 'split', overMs: fault.overMs ?? SPLIT_MS })
    } else delay(connection, frame, symbol ?? '', fault.byMs ?? DELAY_MS)
  }
  /** Whether the frame was dealt with, because something is kept back on its connection. */
  const joinKept = (connection: Connection, frame: OutFrame, market: MarketNote): boolean => {
    const kept = keptBy.get(connection)
    const late = kept?.late.get(market.symbol)
    if (late) {
      late.push(frame)
      return true
    }
    const swap = kept?.swap
    if (kept === undefined || swap === undefined) return false
    kept.swap = undefined
    if (swap.frame.market?.symbol === market.symbol) {
      connection.deliver(swap.frame)
      keepForSwap(connection, frame, swap.armed)
      return true
    }
    spend(swap.armed, connection, swap.frame.market?.symbol)
    connection.deliver(frame, { fate: 'swapped' })
    connection.deliver(swap.frame, { fate: 'swapped' })
    return true
  }

  return {
    arm: (fault, done) => armedFaults.push({ fault, done, left: fault.times ?? 1 }),
    pass(connection, frame) {
      if (frame.market && joinKept(connection, frame, frame.market)) return
      const armed = armedFaults.find(({ fault }) => isMeant(fault, connection, frame))
      if (armed === undefined) connection.deliver(frame)
      else apply(armed, connection, frame)
    },
  }
}

function isMeant(fault: FrameFault, connection: Connection, { market, isAnswer }: OutFrame): boolean {
  if (fault.exchange !== undefined && fault.exchange !== connection.venue.exchange) return false
  const { connection: id = 'all' } = fault
  if (id !== 'all' && id !== connection.id) return false
  const target = fault.kind === 'corrupt' ? (fault.target ?? 'any') : 'any'
  if (target === 'answer') return isAnswer === true
  if (market === undefined) return false
  if (fault.symbol !== undefined && fault.symbol !== market.symbol) return false
  if (target !== 'any') return target === 'last' ? market.isLast : market.isClosing
  if (fault.kind !== 'delay-final') return true
  const minute = Math.floor(((market.startsMs[0] ?? 0) / MINUTE_MS) % 60)
  return market.isLast && (fault.minute === undefined || fault.minute === minute)
}

/** The text so that no JSON parser takes it. */
function corrupted(text: string, { how = 'truncated' }: CorruptFault, random: Random): string {
  if (how === 'truncated') return text.slice(0, 1 + Math.floor(random.next() * (text.length - 2)))
  const at = 1 + Math.floor(random.next() * (text.length - 2))
  // A control character is allowed nowhere in JSON.
  return `${text.slice(0, at)}\u0001\u0002${text.slice(at + 2)}`
}
