import { nearest } from '../../base/index.ts'
import { isIn } from './attributes.ts'
import { compare } from './operators.ts'
import { failed, notJinja } from './place.ts'
import { fail, isCallable, isFloat, isMapping, kindOf, numberOf, type Site, type Value } from './value.ts'

type Test = (value: Value, argument: Value, site: Site) => boolean

const TESTS: Readonly<Record<string, Test>> = {
  defined: (value) => value !== undefined,
  undefined: (value) => value === undefined,
  none: (value) => value === null,
  true: (value) => value === true,
  false: (value) => value === false,
  boolean: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
  number: (value) => numberOf(value) !== undefined || typeof value === 'boolean',
  float: isFloat,
  integer: (value) => Number.isInteger(value),
  mapping: isMapping,
  sequence: (value) => Array.isArray(value) || typeof value === 'string' || isMapping(value),
  iterable: (value) => Array.isArray(value) || typeof value === 'string' || isMapping(value),
  callable: isCallable,
  odd: (value, _argument, site) => Math.abs(countable(value, site) % 2) === 1,
  even: (value, _argument, site) => countable(value, site) % 2 === 0,
  divisibleby: (value, divisor, site) => countable(value, site) % countable(divisor, site) === 0,
  in: (value, container, site) => isIn(value, container, site),
  eq: (value, other, site) => compare('==', value, other, site),
  ne: (value, other, site) => compare('!=', value, other, site),
  lt: (value, other, site) => compare('<', value, other, site),
  le: (value, other, site) => compare('<=', value, other, site),
  gt: (value, other, site) => compare('>', value, other, site),
  ge: (value, other, site) => compare('>=', value, other, site),
}

const ALIASES: Readonly<Record<string, string>> = {
  equalto: 'eq',
  sameas: 'eq',
  lessthan: 'lt',
  greaterthan: 'gt',
  True: 'true',
  False: 'false',
  None: 'none',
}

/** `value is name(argument)`. */
export function applyTest(name: string, value: Value, [argument]: readonly Value[], site: Site): boolean {
  const test = Object.hasOwn(TESTS, name) ? TESTS[name] : TESTS[ALIASES[name] ?? '']
  if (test !== undefined) return test(value, argument, site)
  const suggestion = nearest(name, Object.keys(TESTS))
  const hint = suggestion
    ? `Did you mean 'is ${suggestion}'?`
    : 'See docs/templates.md for the tests there are.'
  return fail(
    site,
    suggestion ? failed(`there is no test '${name}'`, hint) : notJinja(`there is no test '${name}'`, hint),
  )
}

/** A number, or a boolean as the number that Python takes it for. */
function countable(value: Value, site: Site): number {
  const number = typeof value === 'boolean' ? Number(value) : numberOf(value)
  return number ?? fail(site, failed(`${kindOf(value)} is no number to divide`, 'Use a number.'))
}
