import type { BinaryName } from './ast.ts'
import { failed, notJinja } from './place.ts'
import { fail, floatOf, isEqual, isFloat, kindOf, numberOf, type Site, type Value } from './value.ts'

/** `left operator right` for `+ - * / // % **`, as Python has it. */
export function arithmetic(operator: BinaryName, left: Value, right: Value, site: Site): Value {
  const [a, b] = [numberOf(left), numberOf(right)]
  if (a !== undefined && b !== undefined) {
    const result = ofNumbers(operator, a, b, site)
    const isDivision = operator === 'Div' || (operator === 'Pow' && b < 0)
    return isDivision || isFloat(left) || isFloat(right) ? floatOf(result) : result
  }
  if (operator === 'Add') {
    if (typeof left === 'string' && typeof right === 'string') return left + right
    if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right]
  }
  if (operator === 'Mul' && typeof left === 'string' && typeof right === 'number')
    return left.repeat(Math.max(0, right))
  if (operator === 'Mod' && typeof left === 'string') {
    return fail(site, notJinja("'%' on a text is Python's formatting", "Join the parts with ~: 'a' ~ b."))
  }
  const hint = operator === 'Add' ? 'Join texts with ~.' : 'Use numbers.'
  return fail(site, failed(`${kindOf(left)} and ${kindOf(right)} do not go together here`, hint))
}

function ofNumbers(operator: BinaryName, left: number, right: number, site: Site): number {
  switch (operator) {
    case 'Add':
      return left + right
    case 'Sub':
      return left - right
    case 'Mul':
      return left * right
    case 'Pow':
      return left ** right
    case 'FloorDiv':
      return Math.floor(left / notZero(right, site))
    case 'Mod':
      return left - notZero(right, site) * Math.floor(left / right)
    default:
      return left / notZero(right, site)
  }
}

function notZero(divisor: number, site: Site): number {
  if (divisor === 0) fail(site, failed('a division by zero', 'Check the divisor.'))
  return divisor
}

/** `left operator right` for comparisons. Only numbers with numbers and texts with texts have an order. */
export function compare(operator: string, left: Value, right: Value, site: Site): boolean {
  if (operator === '==' || operator === '===') return isEqual(left, right)
  if (operator === '!=' || operator === '!==') return !isEqual(left, right)
  const order = orderOf(left, right, site)
  if (operator === '<') return order < 0
  if (operator === '<=') return order <= 0
  return operator === '>' ? order > 0 : order >= 0
}

/** Below 0 if `left` comes first, above 0 if `right` does. */
export function orderOf(left: Value, right: Value, site: Site): number {
  const [a, b] = [numberOf(left), numberOf(right)]
  if (a !== undefined && b !== undefined) return a - b
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : Number(left > right)
  const message = `${kindOf(left)} and ${kindOf(right)} have no order`
  return fail(site, failed(message, 'Compare numbers with numbers and texts with texts.'))
}
