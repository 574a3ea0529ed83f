import type { At, Template } from './ast.ts'
import { errorAt, failed, notJinja, type TemplateFault } from './place.ts'

/**
 * A value in a template: none is null, a missing one undefined; texts, numbers, booleans, lists (arrays),
 * mappings (plain objects) and callables. `unknown`, because vars come from YAML.
 */
export type Value = unknown

/** Where an expression stands: what its errors point at. */
export interface Site {
  readonly template: Template
  readonly at: At
}

export type Named = Readonly<Record<string, Value>>

/** A function or macro that a template calls. */
export type Callable = (values: readonly Value[], named: Named, site: Site) => Value

/** A mapping with this key prints as text: `{{ this }}`. */
export const PRINTED = Symbol('printed')

/** Marks what `namespace()` makes: the one mapping whose keys `set` may change. */
export const NAMESPACE = Symbol('namespace')

/** Holds a whole number that is a float in Python, as `4 / 2` is: it prints with `.0`. */
const WHOLE_FLOAT = Symbol('whole float')

/** `number` as a Python float. */
export function floatOf(number: number): Value {
  return Number.isInteger(number) ? { [WHOLE_FLOAT]: number } : number
}

/** The number that a value is; undefined if it is none. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'object' || value === null || !(WHOLE_FLOAT in value)) return undefined
  return value[WHOLE_FLOAT] as number
}

/** Whether a value is a float in Python. */
export function isFloat(value: Value): boolean {
  return numberOf(value) !== undefined && !Number.isInteger(value)
}

export type Mapping = Readonly<Record<string, Value>> & {
  readonly [PRINTED]?: string
  readonly [NAMESPACE]?: true
}

export function isMapping(value: Value): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(WHOLE_FLOAT in value)
}

export function isCallable(value: Value): value is Callable {
  return typeof value === 'function'
}

/** Throws `fault` at `site`. */
export function fail(site: Site, fault: TemplateFault): never {
  throw errorAt(site.template, site.at, fault)
}

/** Python's truth: '', 0, none, [], {} and what is missing are false. */
export function isTrue(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (isMapping(value)) return PRINTED in value || Object.keys(value).length > 0
  return Boolean(numberOf(value) ?? value)
}

/** Python's `==`: lists and mappings by content; true is 1 and false 0, and nothing else is converted. */
export function isEqual(a: Value, b: Value): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((element, i) => isEqual(element, b[i]))
  }
  if (isMapping(a) && isMapping(b)) {
    const keys = Object.keys(a)
    return keys.length === Object.keys(b).length && keys.every((key) => key in b && isEqual(a[key], b[key]))
  }
  return plain(a) === plain(b)
}

function plain(value: Value): Value {
  return typeof value === 'boolean' ? Number(value) : (numberOf(value) ?? value)
}

/** The text that `{{ value }}` prints, as in Jinja; what SQL cannot mean is an error. */
export function printed(value: Value, site: Site): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
      if (!Number.isFinite(value))
        fail(site, failed(`${value} is not a number SQL knows`, 'Check the arithmetic.'))
      return String(value)
    case 'boolean':
      return value ? 'True' : 'False'
    case 'function':
      return fail(site, failed('a macro or function is printed, not called', 'Add the brackets: ().'))
    default:
      return printedObject(value, site)
  }
}

function printedObject(value: Value, site: Site): string {
  if (Array.isArray(value)) {
    return fail(site, notJinja('a list would print as Python writes it', "Join it: {{ xs | join(', ') }}."))
  }
  if (isMapping(value)) {
    const text = value[PRINTED]
    if (text !== undefined) return text
    return fail(
      site,
      notJinja('a mapping would print as Python writes it', 'Print one of its values, or use | tojson.'),
    )
  }
  const whole = numberOf(value)
  if (whole !== undefined) return /e/.test(String(whole)) ? String(whole) : `${whole}.0`
  return fail(site, failed('none is printed', "Give it a value, or print it as SQL: {{ 'null' }}."))
}

/** What kind of value it is, for messages. */
export function kindOf(value: Value): string {
  if (numberOf(value) !== undefined) return 'a number'
  if (value === null || value === undefined) return 'none'
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'string':
      return 'a text'
    case 'boolean':
      return 'a boolean'
    case 'function':
      return 'a macro or function'
    default:
      return 'a mapping'
  }
}
