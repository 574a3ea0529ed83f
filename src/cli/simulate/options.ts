import { KxError, parseDuration } from '../../base/index.ts'
import { type FaultOrder, parseFaultOrder } from '../../collector/simulator/server/index.ts'
import type { GlobalOptions } from '../shared/workspace.ts'

/** Options of `kx simulate`. */
export interface SimulateOptions extends GlobalOptions {
  readonly seed?: string
  readonly candles?: readonly string[]
  readonly port?: string
  readonly duration?: string
  readonly speed?: string
  readonly skew?: string
  readonly limits?: boolean
  readonly fault?: readonly string[]
  readonly faultsSeed?: string
  readonly faultsRate?: string
  readonly log?: string
  readonly printEnv?: boolean
  readonly truth?: string
  readonly exchange?: string
  readonly symbol?: string
  readonly format?: string
}

/** What they say. */
export interface SimulateRequest {
  readonly seed: number
  readonly port: number
  /** Undefined: until a signal. */
  readonly durationMs: number | undefined
  /** Times as fast as the machine's clock; undefined: the clock as it is. */
  readonly speed: number | undefined
  readonly skewMs: number
  readonly faults: readonly FaultOrder[]
  readonly faultsSeed: number | undefined
  /** Random faults; undefined: none. */
  readonly faultsPerMinute: number | undefined
}

/**
 * Reads the options.
 *
 * @throws {KxError} KX_USAGE
 */
export function readOptions(options: SimulateOptions, env: { readonly KX_CLOCK?: string }): SimulateRequest {
  const speed = optional(options.speed, (text) => number('--speed', text, { isWhole: false, least: 0.001 }))
  if (speed !== undefined && (env.KX_CLOCK ?? '') !== '')
    throw wrong('--speed and KX_CLOCK both say how time runs', 'Leave one of them out.')
  return {
    seed: number('--seed', options.seed ?? '7', { isWhole: true }),
    port: portOf(options.port ?? '0'),
    durationMs: optional(options.duration, (text) => durationOf('--duration', text)),
    speed,
    skewMs: skewOf(options.skew ?? '0s'),
    faults: (options.fault ?? []).map(parseFaultOrder),
    faultsSeed: optional(options.faultsSeed, (text) => number('--faults-seed', text, { isWhole: true })),
    faultsPerMinute: optional(options.faultsRate, rateOf),
  }
}

function optional<Value>(text: string | undefined, read: (text: string) => Value): Value | undefined {
  return text === undefined ? undefined : read(text)
}

function number(
  option: string,
  text: string,
  { isWhole, least = Number.NEGATIVE_INFINITY }: { readonly isWhole: boolean; readonly least?: number },
): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= least && (!isWhole || Number.isInteger(value)))
    return value
  throw wrong(`${option} ${text} is not a ${isWhole ? 'whole ' : ''}number`, `Write ${option} 7.`)
}

/** Of the controls; the exchanges take the next three. */
function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_532) return port
  throw wrong(`--port ${text} is not a port with three more behind it`, 'Write --port 9000, or leave it out.')
}

function durationOf(option: string, text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined) return ms
  throw wrong(`${option} ${text} is not a time`, `Write ${option} 10m.`)
}

function skewOf(text: string): number {
  const size = durationOf('--skew', text.replace(/^[+-]/, ''))
  return text.startsWith('-') ? -size : size
}

/** `5/min`, as for a single fault. */
function rateOf(text: string): number {
  const order = /\/(s|min|h)$/.test(text) ? parseFaultOrder(`drop=${text}`) : undefined
  if (order?.perMinute !== undefined) return order.perMinute
  throw wrong(`--faults-rate ${text} is not a rate`, 'Write --faults-rate 5/min.')
}

function wrong(message: string, hint: string): KxError {
  return new KxError('KX_USAGE', message, { hint })
}
