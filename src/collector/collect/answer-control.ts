import { KxError } from '../../base/index.ts'
import type { AnswerRequest } from './control-server.ts'
import type { CollectStatus } from './status.ts'

/** What other processes may ask of a running collector. */
export interface ControlSources {
  readonly status: () => CollectStatus
}

/** Answers requests on the control socket. */
export function answerControl({ status }: ControlSources): AnswerRequest {
  return async function* (request) {
    switch (request.type) {
      case 'status':
        yield status()
        break
      default:
        throw new KxError('KX_USAGE', `this collector cannot do '${request.type}'`, {
          hint: 'Use the kx that runs it.',
        })
    }
  }
}
