import { KxError, nearest, parseDuration } from '../../../base/index.ts'
import type { Fault, FaultKind } from './fault.ts'
import { type FaultShape, type FieldType, faultKinds, faultShapes } from './fault-fields.ts'

/** A fault as the command line names it. */
export interface FaultOrder {
  readonly fault: Fault
  /** Again and again, so often on average; undefined: once. */
  readonly perMinute: number | undefined
}

/**
 * Reads `drop`, `close-every=30s`, `drop=0.01/s`, `corrupt=last,exchange=kraken,times=3`.
 *
 * The first value is the kind's main one, or a rate per s, min or h. Durations are written `500ms`, `30s` or `2m`.
 *
 * @throws {KxError} KX_USAGE
 */
export function parseFaultOrder(text: string): FaultOrder {
  const [first = '', ...others] = text.split(',')
  const [kindText = '', main] = splitAt(first)
  const kind = kindOf(kindText)
  const shape = faultShapes[kind]
  const perMinute = main === undefined ? undefined : rateOf(main)
  const given = new Map<string, unknown>()
  if (main !== undefined && perMinute === undefined) {
    if (shape.main === undefined)
      throw wrong(`'${kind}' takes no value`, `Write ${kind}, or ${kind}=0.5/min.`)
    given.set(shape.main, fieldOf(shape, shape.main, main))
  }
  for (const each of others) {
    const [name = '', value = ''] = splitAt(each)
    const field = [name, `${name}Ms`].find((one) => Object.hasOwn(shape.fields, one)) ?? name
    given.set(field, fieldOf(shape, field, value))
  }
  return { fault: whole(kind, Object.fromEntries(given)), perMinute }
}

/**
 * Reads a fault out of parsed JSON; durations are numbers of ms.
 *
 * @throws {KxError} KX_USAGE
 */
export function parseFault(value: unknown): Fault {
  if (typeof value !== 'object' || value === null || !('kind' in value))
    throw wrong('a fault is an object with a kind', 'Write {"kind": "drop"}.')
  const { kind: kindText, ...fields } = value
  const kind = kindOf(String(kindText))
  for (const [name, given] of Object.entries(fields)) {
    const type = typeOf(faultShapes[kind], name)
    if (!isOf(type, given)) throw wrong(`${kind}: ${name} ${JSON.stringify(given)} is not a ${shown(type)}`)
  }
  return whole(kind, fields)
}

function whole(kind: FaultKind, fields: object): Fault {
  const { required } = faultShapes[kind]
  if (required !== undefined && !Object.hasOwn(fields, required))
    throw wrong(`${kind} needs its ${required}`, `Write ${kind}=30s.`)
  return { kind, ...fields } as Fault
}

function fieldOf(shape: FaultShape, name: string, text: string): string | number {
  const type = typeOf(shape, name)
  const value = type === 'text' || typeof type === 'object' ? text : numberOf(type, text)
  if (isOf(type, value)) return value as string | number
  throw wrong(`${name} '${text}' is not a ${shown(type)}`)
}

function numberOf(type: 'count' | 'duration' | 'difference', text: string): number {
  if (type === 'count' || text === '0') return Number(text)
  const isBehind = type === 'difference' && text.startsWith('-')
  const size = text.replace(/^[+-]/, '')
  const ms = size.endsWith('ms') ? Number(size.slice(0, -2)) : (parseDuration(size) ?? Number.NaN)
  return isBehind ? -ms : ms
}

function isOf(type: FieldType, value: unknown): boolean {
  if (typeof type === 'object') return type.includes(String(value))
  if (type === 'text') return typeof value === 'string' && value !== ''
  if (typeof value !== 'number' || !Number.isFinite(value)) return false
  if (type === 'count') return Number.isInteger(value) && value >= 0
  return type === 'difference' || value >= 0
}

function typeOf({ fields }: FaultShape, name: string): FieldType {
  const type = fields[name]
  if (type !== undefined) return type
  throw wrong(`a fault of this kind has no ${name}`, `It has: ${Object.keys(fields).join(', ')}.`)
}

function kindOf(text: string): FaultKind {
  const kind = faultKinds.find((one) => one === text)
  if (kind !== undefined) return kind
  const near = nearest(text, faultKinds)
  throw wrong(
    `'${text}' is no kind of fault`,
    near === undefined ? `Choose one of: ${faultKinds.join(', ')}.` : `Did you mean ${near}?`,
  )
}

/** Per minute, of `0.01/s`, `2/min` or `5/h`. */
function rateOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\/(s|min|h)$/.exec(text)
  if (!match) return undefined
  return Number(match[1]) * ({ s: 60, min: 1, h: 1 / 60 }[match[2] ?? 'min'] ?? 1)
}

function splitAt(text: string): readonly [string, string | undefined] {
  const at = text.indexOf('=')
  return at < 0 ? [text.trim(), undefined] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

function shown(type: FieldType): string {
  if (typeof type === 'object') return `choice of ${type.join(', ')}`
  return { text: 'text', count: 'whole number', duration: 'duration', difference: 'duration' }[type]
}

function wrong(message: string, hint = 'See docs/simulator.md.'): KxError {
  return new KxError('KX_USAGE', message, { hint })
}
