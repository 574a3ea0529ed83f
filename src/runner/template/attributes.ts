import { failed, notJinja } from './place.ts'
import {
  type Callable,
  fail,
  isEqual,
  isMapping,
  isTrue,
  kindOf,
  PRINTED,
  printed,
  type Site,
  type Value,
} from './value.ts'

/** `target.key` or `target[key]`; undefined if it is not there. */
export function attributeOf(target: Value, key: Value, site: Site): Value {
  if (typeof key === 'number') return elementOf(target, key, site)
  const name = String(key)
  if (isMapping(target)) {
    if (Object.hasOwn(target, name)) return target[name]
    return PRINTED in target ? undefined : MAPPING_METHODS[name]?.(target)
  }
  const method = Array.isArray(target)
    ? LIST_METHODS[name]?.(target)
    : typeof target === 'string'
      ? TEXT_METHODS[name]?.(target)
      : undefined
  if (method !== undefined) return within(MOST_ARGUMENTS[name] ?? 1, method, name)
  return fail(
    site,
    notJinja(`${kindOf(target)} has no ${name} here`, 'See docs/templates.md for what values can do.'),
  )
}

/** Arguments that a method takes, where it is not one: any other would be passed over in silence. */
const MOST_ARGUMENTS: Readonly<Record<string, number>> = { upper: 0, lower: 0, replace: 2 }

function within(most: number, method: Callable, name: string): Callable {
  return (values, named, site) => {
    if (values.length <= most && Object.keys(named).length === 0) return method(values, named, site)
    const takes = most === 0 ? 'no arguments' : `at most ${most}, without names`
    return fail(site, notJinja(`${name}() takes ${takes} here`, 'Drop the others.'))
  }
}

function elementOf(target: Value, index: number, site: Site): Value {
  if (isMapping(target)) return target[String(index)]
  if (Array.isArray(target) || typeof target === 'string') {
    if (!Number.isInteger(index)) fail(site, failed(`${index} is no position`, 'Use a whole number.'))
    return target[index < 0 ? target.length + index : index]
  }
  return fail(site, failed(`${kindOf(target)} has no elements`, 'Use a list, a text or a mapping.'))
}

/** `target[start:stop]`, with negative positions from the end. */
export function sliceOf(target: Value, start: Value, stop: Value, site: Site): Value {
  const areNumbers = [start, stop].every((bound) => bound === undefined || Number.isInteger(bound))
  if (!areNumbers || !(Array.isArray(target) || typeof target === 'string')) {
    return fail(site, failed(`${kindOf(target)} cannot be cut so`, 'Cut a list or a text at whole numbers.'))
  }
  return target.slice(start as number | undefined, stop as number | undefined)
}

/** `element in container`. */
export function isIn(element: Value, container: Value, site: Site): boolean {
  if (Array.isArray(container)) return container.some((other) => isEqual(element, other))
  if (typeof container === 'string' && typeof element === 'string') return container.includes(element)
  if (isMapping(container)) return Object.hasOwn(container, String(element))
  return fail(
    site,
    failed(`${kindOf(element)} cannot be in ${kindOf(container)}`, 'Use a list, a text or a mapping.'),
  )
}

type Methods<Target> = Readonly<Record<string, (target: Target) => Callable>>

const TEXT_METHODS: Methods<string> = {
  upper: (text) => () => text.toUpperCase(),
  lower: (text) => () => text.toLowerCase(),
  strip:
    (text) =>
    ([characters]) =>
      stripped(text, characters, true, true),
  lstrip:
    (text) =>
    ([characters]) =>
      stripped(text, characters, true, false),
  rstrip:
    (text) =>
    ([characters]) =>
      stripped(text, characters, false, true),
  startswith:
    (text) =>
    ([start]) =>
      [start].flat().some((one) => text.startsWith(String(one))),
  endswith:
    (text) =>
    ([end]) =>
      [end].flat().some((one) => text.endsWith(String(one))),
  split:
    (text) =>
    ([separator]) =>
      separator === undefined ? text.trim().split(/\s+/).filter(Boolean) : text.split(String(separator)),
  replace:
    (text) =>
    ([old, replacement]) =>
      text.replaceAll(String(old), () => String(replacement)),
  join:
    (text) =>
    ([list], _named, site) =>
      (list as Value[]).map((element) => printed(element, site)).join(text),
  format: () => (_values, _named, site) =>
    fail(site, notJinja('format is not here', "Join the parts with ~: 'a' ~ b.")),
}

function stripped(text: string, characters: Value, isLeft: boolean, isRight: boolean): string {
  const strips = (character: string | undefined) =>
    character !== undefined &&
    (typeof characters === 'string' ? characters.includes(character) : /\s/.test(character))
  let start = 0
  let end = text.length
  while (isLeft && start < end && strips(text[start])) start++
  while (isRight && end > start && strips(text[end - 1])) end--
  return text.slice(start, end)
}

const LIST_METHODS: Methods<Value[]> = {
  append:
    (list) =>
    ([element]) => {
      list.push(element)
      return ''
    },
  extend:
    (list) =>
    ([others]) => {
      list.push(...(others as Value[]))
      return ''
    },
  index:
    (list) =>
    ([element], _named, site) => {
      const position = list.findIndex((other) => isEqual(element, other))
      return position === -1
        ? fail(site, failed('the list does not have it', 'Ask with `in` first.'))
        : position
    },
  count:
    (list) =>
    ([element]) =>
      list.filter((other) => isEqual(element, other)).length,
}

const MAPPING_METHODS: Methods<Readonly<Record<string, Value>>> = {
  items: (mapping) => () => Object.entries(mapping),
  keys: (mapping) => () => Object.keys(mapping),
  values: (mapping) => () => Object.values(mapping),
  get:
    (mapping) =>
    ([key, fallback]) =>
      Object.hasOwn(mapping, String(key)) ? mapping[String(key)] : (fallback ?? null),
  update:
    (mapping) =>
    ([other], named) => {
      Object.assign(mapping, isTrue(other) ? other : {}, named)
      return ''
    },
}
