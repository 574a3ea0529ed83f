import { KxError } from '../../base/index.ts'
import type { SyncedPart } from '../landing/landing.ts'
import type { BackfillEvent } from '../repair/backfill.ts'
import type { CollectStatus } from '../status/status.ts'
import type { ControlRequest } from './control.ts'
import type { AnswerRequest } from './control-server.ts'

/** What other processes may ask of a running collector. */
export interface ControlSources {
  readonly status: () => CollectStatus
  /** Takes sealed parts that another process put into the landing. */
  readonly onParts?: (parts: readonly SyncedPart[]) => void
  readonly backfill?: AnswerBackfill
}

/** Answers a backfill that another process asks for, as its events. */
export type AnswerBackfill = (
  request: Extract<ControlRequest, { type: 'backfill' }>,
  signal: AbortSignal,
) => AsyncGenerator<BackfillEvent, void>

/** Answers requests on the control socket. */
export function answerControl({ status, onParts, backfill }: ControlSources): AnswerRequest {
  return async function* (request, signal) {
    switch (request.type) {
      case 'status':
        yield status()
        break
      case 'parts':
        if (onParts === undefined) throw unable(request.type)
        onParts(request.parts)
        break
      case 'backfill':
        if (backfill === undefined) throw unable(request.type)
        yield* backfill(request, signal)
        break
      default:
        throw unable(request.type)
    }
  }
}

function unable(type: string): KxError {
  return new KxError('KX_USAGE', `this collector cannot do '${type}'`, { hint: 'Use the kx that runs it.' })
}
