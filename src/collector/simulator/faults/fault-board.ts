import type { Random } from '../random.ts'
import type { Connection } from '../server/connection.ts'
import type { Exchange } from '../server/exchange.ts'
import type { ServerFaults } from '../server/exchange-server.ts'
import type { SentLog } from '../server/sent-log.ts'
import type { Timeline } from '../server/timeline.ts'
import { openConnectionFaults } from './connection-faults.ts'
import { openExchangeFaults } from './exchange-faults.ts'
import type { Fault, FaultKind, RefuseConnectFault, RejectFault } from './fault.ts'
import { faultKinds } from './fault-fields.ts'
import { openFrameFaults } from './frame-faults.ts'
import { type AnswerFault, openCounted, refusedConnect, requestFaultOf } from './request-faults.ts'
import { openSilences } from './silences.ts'

/** Faults on demand, for all exchanges of a simulator. */
export interface FaultBoard {
  /** What servers ask before they act. */
  readonly hooks: ServerFaults
  /** Resolves when the fault took effect for the first time. */
  inject(fault: Fault): Promise<void>
  /** How often each kind took effect. */
  counts(): Readonly<Record<FaultKind, number>>
}

/** What a board acts on. */
export interface FaultBoardOptions {
  readonly timeline: Timeline
  /** Chooses connections and where a frame is cut. */
  readonly random: Random
  readonly log: SentLog
  readonly exchanges: readonly Exchange[]
}

/** Tells that a fault took effect. */
type Effect = (connection?: Connection, symbol?: string) => void

/** A board without faults. */
export function openFaultBoard({ timeline, random, log, exchanges }: FaultBoardOptions): FaultBoard {
  const counts = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>
  const frames = openFrameFaults(random)
  const answers = openCounted<AnswerFault>()
  const connects = openCounted<RefuseConnectFault>()
  const rejects = openCounted<RejectFault>()
  const silences = openSilences()
  const onConnections = openConnectionFaults({ random, exchanges, silences })
  const onExchanges = openExchangeFaults(exchanges)

  const arm = (fault: Fault, effect: Effect) => {
    switch (fault.kind) {
      case 'duplicate':
      case 'reorder':
      case 'corrupt':
      case 'delay-final':
      case 'split':
        return frames.arm(fault, effect)
      case 'skew':
      case 'close-every':
        return onExchanges.inject(fault, effect)
      case 'refuse-connect':
        return connects.arm(fault, timeline.now(), effect)
      case 'reject':
        return rejects.arm(fault, timeline.now(), effect)
      case 'silence':
        if (fault.forMs === undefined) return onConnections.inject(fault, effect)
        silences.add(fault, undefined, timeline.now())
        return effect()
      case 'drop':
      case 'hang':
      case 'close':
      case 'shutdown':
      case 'burst':
        return onConnections.inject(fault, effect)
      default:
        return answers.arm(fault, timeline.now(), effect)
    }
  }
  return {
    hooks: {
      onFrame(connection, frame) {
        const { market } = frame
        if (market && silences.isSilent(connection, market.symbol, timeline.now())) connection.withhold(frame)
        else frames.pass(connection, frame)
      },
      refuses: ({ venue }, symbol) =>
        rejects.take(
          venue.exchange,
          timeline.now(),
          (fault) => fault.symbol === undefined || fault.symbol === symbol,
        ) !== undefined,
      onConnect({ exchange }) {
        const fault = connects.take(exchange, timeline.now())
        return fault && refusedConnect(fault)
      },
      onOpen(connection) {
        onExchanges.onOpen(connection)
        onConnections.onOpen(connection)
      },
      onRequest(venue) {
        const fault = answers.take(venue.exchange, timeline.now())
        return fault && requestFaultOf(fault, venue)
      },
    },
    inject: (fault) =>
      new Promise((resolve) => {
        arm(fault, (connection, symbol) => {
          counts[fault.kind]++
          const exchange = connection?.venue.exchange ?? ('exchange' in fault ? fault.exchange : undefined)
          const where = { exchange, connection: connection?.id, symbol }
          log.write({ type: 'fault', atMs: timeline.now(), kind: fault.kind, ...where })
          resolve()
        })
      }),
    counts: () => ({ ...counts }),
  }
}
