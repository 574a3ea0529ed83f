import { nearest } from '../../base/index.ts'
import { bindArguments } from './arguments.ts'
import { attributeOf } from './attributes.ts'
import { orderOf } from './operators.ts'
import { failed, notJinja } from './place.ts'
import { applyTest } from './tests.ts'
import {
  fail,
  floatOf,
  isEqual,
  isFloat,
  isMapping,
  isTrue,
  kindOf,
  type Named,
  numberOf,
  printed,
  type Site,
  type Value,
} from './value.ts'

export interface FilterCall {
  readonly values: readonly Value[]
  readonly named: Named
  readonly site: Site
}

interface Filter {
  /** Names of the arguments after the value, in order. */
  readonly parameters: readonly string[]
  readonly apply: (value: Value, args: Readonly<Record<string, Value>>, site: Site) => Value
}

/** `value | name(…)`. */
export function applyFilter(name: string, value: Value, { values, named, site }: FilterCall): Value {
  const filter = filterNamed(name, site)
  const args = bindArguments(
    { title: `the filter ${name}`, parameters: filter.parameters },
    values,
    named,
    site,
  )
  return filter.apply(value, args, site)
}

function filterNamed(name: string, site: Site): Filter {
  const key = ALIASES[name] ?? name
  const filter = Object.hasOwn(FILTERS, key) ? FILTERS[key] : undefined
  if (filter !== undefined) return filter
  const suggestion = nearest(name, Object.keys(FILTERS))
  const hint = suggestion ? `Did you mean ${suggestion}?` : 'See docs/templates.md for the filters there are.'
  return fail(site, notJinja(`there is no filter '${name}'`, hint))
}

const ALIASES: Readonly<Record<string, string>> = { d: 'default', count: 'length' }

const FILTERS: Readonly<Record<string, Filter>> = {
  default: {
    parameters: ['default_value', 'boolean'],
    apply: (value, { default_value, boolean }) =>
      value === undefined || (isTrue(boolean) && !isTrue(value)) ? (default_value ?? '') : value,
  },
  join: { parameters: ['d', 'attribute'], apply: join },
  length: { parameters: [], apply: (value, _args, site) => elements(value, site).length },
  first: { parameters: [], apply: (value, _args, site) => elements(value, site)[0] },
  last: { parameters: [], apply: (value, _args, site) => elements(value, site).at(-1) },
  list: { parameters: [], apply: (value, _args, site) => elements(value, site) },
  reverse: {
    parameters: [],
    apply: (value, _args, site) =>
      typeof value === 'string' ? [...value].reverse().join('') : elements(value, site).reverse(),
  },
  unique: { parameters: ['case_sensitive', 'attribute'], apply: unique },
  sort: { parameters: ['reverse', 'case_sensitive', 'attribute'], apply: sort },
  min: {
    parameters: ['case_sensitive', 'attribute'],
    apply: (value, args, site) => sort(value, args, site)[0],
  },
  max: {
    parameters: ['case_sensitive', 'attribute'],
    apply: (value, args, site) => sort(value, { ...args, reverse: true }, site)[0],
  },
  sum: { parameters: ['attribute'], apply: sum },
  map: { parameters: ['filter', 'attribute'], apply: map },
  select: { parameters: ['test', 'argument'], apply: (value, args, site) => chosen(value, args, site, true) },
  reject: {
    parameters: ['test', 'argument'],
    apply: (value, args, site) => chosen(value, args, site, false),
  },
  selectattr: {
    parameters: ['attribute', 'test', 'argument'],
    apply: (value, args, site) => chosen(value, args, site, true),
  },
  rejectattr: {
    parameters: ['attribute', 'test', 'argument'],
    apply: (value, args, site) => chosen(value, args, site, false),
  },
  items: { parameters: [], apply: (value, _args, site) => Object.entries(mapping(value, site)) },
  dictsort: {
    parameters: [],
    apply: (value, _args, site) =>
      Object.entries(mapping(value, site)).sort(([a], [b]) =>
        orderOf(a.toLowerCase(), b.toLowerCase(), site),
      ),
  },
  upper: { parameters: [], apply: (value, _args, site) => printed(value, site).toUpperCase() },
  lower: { parameters: [], apply: (value, _args, site) => printed(value, site).toLowerCase() },
  capitalize: {
    parameters: [],
    apply: (value, _args, site) => {
      const text = printed(value, site)
      return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()
    },
  },
  trim: { parameters: [], apply: (value, _args, site) => printed(value, site).trim() },
  replace: {
    parameters: ['old', 'new'],
    apply: (value, args, site) =>
      printed(value, site).replaceAll(printed(args.old, site), () => printed(args.new, site)),
  },
  indent: { parameters: ['width', 'first'], apply: indent },
  string: { parameters: [], apply: (value, _args, site) => printed(value, site) },
  tojson: { parameters: [], apply: (value) => toJson(value) },
  int: { parameters: ['default'], apply: (value, args) => numberOr(value, args.default ?? 0, Math.trunc) },
  float: {
    parameters: ['default'],
    apply: (value, args) => numberOr(value, args.default ?? floatOf(0), floatOf),
  },
  abs: {
    parameters: [],
    apply: (value, _args, site) => (isFloat(value) ? floatOf : Number)(Math.abs(number(value, site))),
  },
  round: { parameters: ['precision', 'method'], apply: round },
}

function elements(value: Value, site: Site): Value[] {
  if (Array.isArray(value)) return [...value]
  if (typeof value === 'string') return [...value]
  if (isMapping(value)) return Object.keys(value)
  return fail(site, failed(`${kindOf(value)} has no elements`, 'Use a list, a text or a mapping.'))
}

function mapping(value: Value, site: Site): Readonly<Record<string, Value>> {
  if (isMapping(value)) return value
  return fail(site, failed(`${kindOf(value)} is not a mapping`, 'Use a mapping.'))
}

function number(value: Value, site: Site): number {
  const found = numberOf(value)
  if (found !== undefined) return found
  return fail(site, failed(`${kindOf(value)} is not a number`, 'Convert it: | int or | float.'))
}

function numberOr(value: Value, fallback: Value, round: (n: number) => Value): Value {
  const plain = typeof value === 'boolean' ? Number(value) : numberOf(value)
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : plain
  return typeof parsed === 'number' && Number.isFinite(parsed) ? round(parsed) : fallback
}

function join(value: Value, { d, attribute }: Readonly<Record<string, Value>>, site: Site): string {
  const parts = attributes(elements(value, site), attribute, site)
  return parts.map((part) => printed(part, site)).join(d === undefined ? '' : printed(d, site))
}

function attributes(list: readonly Value[], attribute: Value, site: Site): readonly Value[] {
  return attribute === undefined ? list : list.map((element) => attributeOf(element, attribute, site))
}

/** What an element is ordered and told apart by: Jinja looks past upper and lower case unless told otherwise. */
function keyOf(element: Value, args: Readonly<Record<string, Value>>, site: Site): Value {
  const of = args.attribute === undefined ? element : attributeOf(element, args.attribute, site)
  return typeof of === 'string' && !isTrue(args.case_sensitive) ? of.toLowerCase() : of
}

function unique(value: Value, args: Readonly<Record<string, Value>>, site: Site): Value[] {
  const list = elements(value, site)
  const keys = list.map((element) => keyOf(element, args, site))
  return list.filter((_, i) => keys.findIndex((key) => isEqual(key, keys[i])) === i)
}

function sort(value: Value, args: Readonly<Record<string, Value>>, site: Site): Value[] {
  const key = (element: Value) => keyOf(element, args, site)
  const sign = isTrue(args.reverse) ? -1 : 1
  return elements(value, site).sort((a, b) => sign * orderOf(key(a), key(b), site))
}

function sum(value: Value, { attribute }: Readonly<Record<string, Value>>, site: Site): Value {
  const list = attributes(elements(value, site), attribute, site)
  const total = list.reduce((sum: number, element) => sum + number(element, site), 0)
  return list.some(isFloat) ? floatOf(total) : total
}

function map(value: Value, args: Readonly<Record<string, Value>>, site: Site): Value[] {
  const list = elements(value, site)
  if (args.attribute !== undefined) return [...attributes(list, args.attribute, site)]
  const name = printed(args.filter, site)
  return list.map((element) => applyFilter(name, element, { values: [], named: {}, site }))
}

function chosen(value: Value, args: Readonly<Record<string, Value>>, site: Site, wanted: boolean): Value[] {
  return elements(value, site).filter((element) => {
    const subject = args.attribute === undefined ? element : attributeOf(element, args.attribute, site)
    const isMet =
      args.test === undefined ? isTrue(subject) : applyTest(String(args.test), subject, [args.argument], site)
    return isMet === wanted
  })
}

function indent(value: Value, { width, first }: Readonly<Record<string, Value>>, site: Site): string {
  const indentation = ' '.repeat(width === undefined ? 4 : number(width, site))
  const lines = printed(value, site).split('\n')
  return lines
    .map((line, i) => (line === '' || (i === 0 && !isTrue(first)) ? line : indentation + line))
    .join('\n')
}

/** Python rounds halves to the even neighbour; with common, as Jinja names it, it does so too. */
function round(value: Value, { precision, method }: Readonly<Record<string, Value>>, site: Site): Value {
  const digits = precision === undefined ? 0 : number(precision, site)
  const factor = 10 ** digits
  const given = number(value, site)
  const scaled = given * factor
  if (method === 'ceil') return floatOf(Math.ceil(scaled) / factor)
  if (method === 'floor') return floatOf(Math.floor(scaled) / factor)
  // toFixed knows every digit of a double: 2.675 is 2.67499…, though times 100 it is 267.5.
  const isHalf =
    Math.abs(scaled % 1) === 0.5 && (digits <= 0 || /^50*$/.test(given.toFixed(100).slice(digits - 100)))
  const nearest = digits > 0 ? Number(given.toFixed(digits)) : Math.round(scaled) / factor
  const rounded = isHalf ? (2 * Math.round(scaled / 2)) / factor : nearest
  return Number.isInteger(value) ? rounded : floatOf(rounded)
}

/** As Python writes JSON for a page: keys sorted, a blank after commas and colons, no quotes or angles of HTML. */
function toJson(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(toJson).join(', ')}]`
  if (isMapping(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, element]) => `${toJson(key)}: ${toJson(element)}`).join(', ')}}`
  }
  const whole = numberOf(value)
  if (whole !== undefined && isFloat(value)) return Number.isInteger(whole) ? `${whole}.0` : String(whole)
  return JSON.stringify(value ?? null).replace(
    /[<>&'\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
