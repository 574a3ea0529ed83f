import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/index.ts'
import { type AskQueue, createAskQueue } from './ask-queue.ts'
import type { Broker, BrokerAsk, BrokerReport } from './broker.ts'
import {
  type KeptAddress,
  keepBudget,
  type Moment,
  readBrokerFile,
  restoreBudget,
  writeBrokerFile,
} from './broker-file.ts'
import { type Budget, createBudget, isBan, learn, spend, waitMs } from './budget.ts'
import { coalesced } from './coalesced.ts'
import type { AddressLimits } from './limits.ts'

/** What a broker needs. */
export interface BrokerInput {
  /** Holds `broker.json`; made if it is not there. */
  readonly stateDirectory: string
  readonly clock: Clock
  /** What exchanges publish, by address. */
  readonly limitsOf: (address: string) => AddressLimits
  readonly log?: (level: 'warn' | 'error', cause: string, message: string) => void
}

/** A broker, and what it holds back now. Once disposed it grants nothing; who still waits goes by his signal. */
export interface OpenBroker extends Broker, AsyncDisposable {
  /** Addresses that said stop, and for how much longer, ms. */
  held(): readonly { readonly address: string; readonly kind: BrokerAsk['kind']; readonly forMs: number }[]
}

type Kind = BrokerAsk['kind']

/** One limit of one address. */
interface Lane {
  readonly address: string
  readonly kind: Kind
  readonly queue: AskQueue
  budget: Budget
  /** Ends the wait for what was the case before; undefined: nobody waits. */
  wake: AbortController | undefined
  isServing: boolean
}

/**
 * Opens the one broker of a machine. What it knows of bans, connects and weight is on disk before it grants anything
 * on it, so that processes which crash in a loop spend one budget together.
 */
export async function openBroker(input: BrokerInput): Promise<OpenBroker> {
  const { stateDirectory, clock, limitsOf, log = () => {} } = input
  await mkdir(stateDirectory, { recursive: true })
  const path = join(stateDirectory, 'broker.json')
  const file = await readBrokerFile(path)
  if (file === 'unreadable') log('warn', 'broker_state', `${path} cannot be read; budgets begin anew`)
  const kept = file === 'unreadable' ? undefined : file
  const lanes = new Map<string, Lane>()
  let isClosed = false
  const moment = (): Moment => ({ wallMs: clock.now(), monotonicMs: clock.monotonicMs() })

  function laneOf(address: string, kind: Kind): Lane {
    const key = `${kind} ${address}`
    const known = lanes.get(key)
    if (known) return known
    const limit = limitsOf(address)[kind]
    const before = kept?.addresses.get(address)?.[kind]
    const budget =
      kept && before
        ? restoreBudget(limit, before, { savedAtMs: kept.savedAtMs, now: moment() })
        : createBudget(limit)
    const lane: Lane = { address, kind, budget, queue: createAskQueue(), wake: undefined, isServing: false }
    lanes.set(key, lane)
    return lane
  }

  const save = coalesced(async () => {
    try {
      await writeBrokerFile(path, { savedAtMs: clock.now(), addresses: keptAddresses(lanes, moment()) })
    } catch (error) {
      // What is in memory still holds; only a crash in this moment would forget it.
      log('error', 'broker_state', `cannot write ${path}: ${(error as Error).message}`)
    }
  })

  /** Grants what waits, in order, as the budget allows; one for each lane. */
  async function serve(lane: Lane): Promise<void> {
    if (lane.isServing) return
    lane.isServing = true
    for (let ask = lane.queue.first(); ask && !isClosed; ask = lane.queue.first()) {
      const forMs = waitMs(lane.budget, ask.weight, clock.monotonicMs())
      if (forMs > 0) {
        lane.wake = new AbortController()
        await clock.sleep(forMs, lane.wake.signal)
        continue
      }
      lane.queue.take(ask)
      lane.budget = spend(lane.budget, ask.weight, clock.monotonicMs())
      void save().then(() => {
        // The exchange said stop while this was being written: it waits again.
        if (lane.budget.heldUntilMs <= clock.monotonicMs()) return ask.resolve()
        lane.queue.putBack(ask)
        void serve(lane)
      })
    }
    lane.isServing = false
  }

  return {
    async grant({ address, kind, weight, priority }, signal) {
      signal?.throwIfAborted()
      const lane = laneOf(address, kind)
      const granted = lane.queue.add({ weight, priority, signal })
      lane.wake?.abort()
      void serve(lane)
      await granted
    },
    report(report) {
      for (const lane of reportedLanes(report, laneOf)) {
        const before = lane.budget
        lane.budget = learn(lane.budget, report, clock.monotonicMs())
        if (lane.budget === before) continue
        if (lane.budget.heldUntilMs !== before.heldUntilMs) void save()
        lane.wake?.abort()
      }
    },
    held() {
      const nowMs = clock.monotonicMs()
      return [...lanes.values()]
        .map(({ address, kind, budget }) => ({ address, kind, forMs: budget.heldUntilMs - nowMs }))
        .filter(({ forMs }) => forMs > 0)
    },
    async [Symbol.asyncDispose]() {
      isClosed = true
      for (const lane of lanes.values()) lane.wake?.abort()
      await save()
    },
  }

  function keptAddresses(of: ReadonlyMap<string, Lane>, now: Moment): Map<string, KeptAddress> {
    const addresses = new Map(kept?.addresses)
    for (const address of new Set([...of.values()].map((lane) => lane.address))) {
      const keep = (kind: Kind) => keepBudget(laneOf(address, kind).budget, now)
      addresses.set(address, { rest: keep('rest'), connect: keep('connect') })
    }
    return addresses
  }
}

/** A ban stops all we do at an address, anything else the kind that was asked. */
function* reportedLanes(
  { address, kind, status }: BrokerReport,
  laneOf: (address: string, kind: Kind) => Lane,
): Generator<Lane> {
  yield laneOf(address, kind)
  if (isBan(status)) yield laneOf(address, kind === 'rest' ? 'connect' : 'rest')
}
