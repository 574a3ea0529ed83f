import type { FaultKind } from './fault.ts'

/** What a field of a fault holds. */
export type FieldType = 'text' | 'count' | 'duration' | 'difference' | readonly string[]

/** A kind's fields, and the one that `kind=value` means. */
export interface FaultShape {
  readonly main?: string
  readonly fields: Readonly<Record<string, FieldType>>
  readonly required?: string
}

const onConnection = { exchange: 'text', connection: 'text' } as const
const onFrame = { ...onConnection, symbol: 'text', times: 'count' } as const
const onRequest = { exchange: 'text', times: 'count', forMs: 'duration' } as const

/** The fields of every kind of fault, as `Fault` has them. */
export const faultShapes: Readonly<Record<FaultKind, FaultShape>> = {
  drop: { fields: onConnection },
  hang: { main: 'forMs', fields: { ...onConnection, forMs: 'duration' } },
  close: { main: 'code', fields: { ...onConnection, code: 'count' } },
  'close-every': {
    main: 'everyMs',
    fields: { exchange: 'text', everyMs: 'duration', forMs: 'duration' },
    required: 'everyMs',
  },
  shutdown: { main: 'leadMs', fields: { exchange: 'text', leadMs: 'duration' } },
  silence: { main: 'symbol', fields: { ...onConnection, symbol: 'text', forMs: 'duration' } },
  reject: { main: 'symbol', fields: { exchange: 'text', symbol: 'text', times: 'count' } },
  duplicate: { main: 'times', fields: onFrame },
  reorder: { main: 'times', fields: onFrame },
  corrupt: {
    main: 'target',
    fields: { ...onFrame, target: ['any', 'last', 'closing', 'answer'], how: ['truncated', 'garbled'] },
  },
  'delay-final': { main: 'byMs', fields: { ...onFrame, byMs: 'duration', minute: 'count' } },
  split: { main: 'overMs', fields: { ...onFrame, overMs: 'duration' } },
  skew: { main: 'skewMs', fields: { exchange: 'text', skewMs: 'difference' }, required: 'skewMs' },
  'refuse-connect': {
    main: 'status',
    fields: { ...onRequest, status: 'count', retryAfterMs: 'duration' },
  },
  'rate-limit': { main: 'retryAfterMs', fields: { ...onRequest, retryAfterMs: 'duration' } },
  ban: { main: 'retryAfterMs', fields: { ...onRequest, retryAfterMs: 'duration' } },
  'server-error': { main: 'status', fields: { ...onRequest, status: 'count' } },
  'slow-body': { main: 'overMs', fields: { ...onRequest, overMs: 'duration' } },
  'error-body': { main: 'error', fields: { ...onRequest, error: 'text' } },
  burst: { main: 'frames', fields: { ...onConnection, symbol: 'text', frames: 'count' } },
}

/** Every kind, in the order of the documents. */
export const faultKinds = Object.keys(faultShapes) as readonly FaultKind[]
