import type {
  Binary,
  Call,
  Capture,
  Compare,
  Expression,
  Filter,
  InlineIf,
  Lookup,
  NodeList,
  Slice,
} from './ast.ts'
import { attributeOf, isIn, sliceOf } from './attributes.ts'
import { applyFilter } from './filters.ts'
import { makeCaller } from './macro.ts'
import { arithmetic, compare } from './operators.ts'
import { failed, notJinja } from './place.ts'
import { failUnknown, lookUp, type Scope } from './scope.ts'
import { applyTest } from './tests.ts'
import {
  fail,
  floatOf,
  isCallable,
  isFloat,
  isTrue,
  kindOf,
  type Named,
  numberOf,
  printed,
  type Site,
  type Value,
} from './value.ts'
import { newWriter } from './writer.ts'

/**
 * The value of an expression, as Jinja has it. A name or attribute that is missing is an error.
 *
 * @throws {KxError} KX_TEMPLATE_FAILED, KX_TEMPLATE_JINJA and what functions throw
 */
export function evaluate(node: Expression, scope: Scope): Value {
  switch (node.typename) {
    case 'Literal':
      return node.value
    case 'Symbol':
      return lookUp(scope, node.value) ?? present(node, scope, lookUp(scope, node.value))
    case 'LookupVal':
      return present(node, scope, evaluateLookup(node, scope, evaluate(node.target, scope)))
    case 'FunCall':
      return call(node, scope)
    case 'Filter':
      return present(node, scope, filter(node, scope))
    case 'Group':
      return evaluateGroup(node.children, node.isTuple === true, scope)
    case 'Array':
      return node.children.map((child) => evaluate(child, scope))
    case 'Dict':
    case 'KeywordArgs':
      return evaluatePairs(node.children, scope)
    case 'Pair':
      return evaluate(node.value, scope)
    case 'InlineIf':
      return inlineIf(node, scope)
    case 'Not':
      return !isTrue(evaluate(node.target, scope))
    case 'Neg':
    case 'Pos':
      return signed(node.typename, evaluate(node.target, scope), siteOf(node.target, scope))
    case 'Compare':
      return compareAll(node, scope)
    case 'Slice':
      return slice(node, scope)
    case 'Caller':
      return makeCaller(node, scope)
    case 'Capture':
      return capture(node, scope)
    default:
      return binary(node, scope)
  }
}

/** As evaluate, but a missing name or attribute is undefined: for `is defined` and `default`. */
function evaluateLoosely(node: Expression, scope: Scope): Value {
  if (node.typename === 'Symbol') return lookUp(scope, node.value)
  if (node.typename === 'Group' && !node.isTuple) {
    const [only] = node.children
    return only === undefined ? undefined : evaluateLoosely(only, scope)
  }
  if (node.typename === 'Filter') return filter(node, scope)
  if (node.typename === 'InlineIf' && node.else_ === null) {
    return isTrue(evaluate(node.cond, scope)) ? evaluate(node.body, scope) : undefined
  }
  if (node.typename !== 'LookupVal') return evaluate(node, scope)
  const target = evaluateLoosely(node.target, scope)
  return target === undefined ? undefined : evaluateLookup(node, scope, target)
}

/** Where a node stands. A call and an operator stand where their first part does. */
export function siteOf(node: Expression, scope: Scope): Site {
  return { template: scope.template, at: firstPart(node) }
}

function firstPart(node: Expression): Expression {
  switch (node.typename) {
    case 'FunCall':
      return firstPart(node.name)
    case 'LookupVal':
    case 'Slice':
      return firstPart(node.target)
    case 'Compare':
      return firstPart(node.expr)
    default:
      return 'left' in node ? firstPart(node.left) : node
  }
}

function present(node: Expression, scope: Scope, value: Value): Value {
  if (value !== undefined) return value
  if (node.typename === 'Symbol') return failUnknown(scope, node)
  return fail(
    siteOf(node, scope),
    failed(`${nameOf(node)} is not there`, 'Correct the name, or use | default(…).'),
  )
}

function nameOf(node: Expression): string {
  if (node.typename === 'Symbol') return node.value
  if (node.typename === 'Literal') return String(node.value)
  if (node.typename === 'LookupVal') return `${nameOf(node.target)}.${nameOf(node.val)}`
  if (node.typename === 'Filter') return `what ${node.name.value} looks for`
  return node.typename === 'FunCall' ? `${nameOf(node.name)}(…)` : '…'
}

function evaluateLookup(node: Lookup, scope: Scope, target: Value): Value {
  return attributeOf(target, evaluate(node.val, scope), siteOf(node, scope))
}

function call(node: Call, scope: Scope): Value {
  const site = siteOf(node, scope)
  const callee = evaluate(node.name, scope)
  if (!isCallable(callee)) {
    return fail(
      site,
      failed(`${nameOf(node.name)} is ${kindOf(callee)}, not a macro or function`, 'Drop the brackets.'),
    )
  }
  const { values, named } = evaluateArguments(node.args, scope)
  return callee(values, named, site)
}

function evaluateArguments(args: NodeList, scope: Scope): { values: Value[]; named: Named } {
  const values: Value[] = []
  let named: Named = {}
  for (const argument of args.children) {
    if (argument.typename === 'KeywordArgs') named = evaluatePairs(argument.children, scope)
    else values.push(evaluate(argument, scope))
  }
  return { values, named }
}

function evaluatePairs(
  pairs: readonly { key: Expression; value: Expression }[],
  scope: Scope,
): Record<string, Value> {
  const mapping: Record<string, Value> = Object.create(null)
  for (const { key, value } of pairs) {
    const name = key.typename === 'Symbol' ? key.value : String(evaluate(key, scope))
    mapping[name] = evaluate(value, scope)
  }
  return mapping
}

function filter(node: Filter, scope: Scope): Value {
  const [target, ...rest] = node.args.children
  const name = node.name.value
  const isLoose = name === 'default' || name === 'd'
  const value = target === undefined ? undefined : (isLoose ? evaluateLoosely : evaluate)(target, scope)
  const { values, named } = evaluateArguments({ ...node.args, children: rest }, scope)
  return applyFilter(name, value, { values, named, site: { template: scope.template, at: node.name } })
}

function evaluateGroup(children: readonly Expression[], isTuple: boolean, scope: Scope): Value {
  const values = children.map((child) => evaluate(child, scope))
  return isTuple ? values : values[0]
}

function inlineIf(node: InlineIf, scope: Scope): Value {
  if (isTrue(evaluate(node.cond, scope))) return evaluate(node.body, scope)
  return node.else_ === null ? '' : evaluate(node.else_, scope)
}

function signed(sign: 'Neg' | 'Pos', value: Value, site: Site): Value {
  const number = numberOf(value)
  if (number === undefined) return fail(site, failed(`${kindOf(value)} has no sign`, 'Use a number.'))
  const result = sign === 'Neg' ? -number : number
  return isFloat(value) ? floatOf(result) : result
}

function compareAll(node: Compare, scope: Scope): boolean {
  let left = evaluate(node.expr, scope)
  for (const { type, expr } of node.ops) {
    const right = evaluate(expr, scope)
    if (!compare(type, left, right, siteOf(node, scope))) return false
    left = right
  }
  return true
}

function slice(node: Slice, scope: Scope): Value {
  const bounds = [node.start, node.stop].map((bound) =>
    bound === undefined ? undefined : evaluate(bound, scope),
  )
  return sliceOf(evaluate(node.target, scope), bounds[0], bounds[1], siteOf(node, scope))
}

function capture(node: Capture, scope: Scope): string {
  const writer = newWriter()
  scope.rendering.render(node.body, scope, writer)
  scope.rendering.chunksByText.set(writer.text, writer.chunks)
  return writer.text
}

function binary(node: Binary, scope: Scope): Value {
  if (node.typename === 'Is') return evaluateTest(node, scope)
  const left = evaluate(node.left, scope)
  if (node.typename === 'And') return isTrue(left) ? evaluate(node.right, scope) : left
  if (node.typename === 'Or') return isTrue(left) ? left : evaluate(node.right, scope)
  const right = evaluate(node.right, scope)
  if (node.typename === 'Concat') {
    return printed(left, siteOf(node.left, scope)) + printed(right, siteOf(node.right, scope))
  }
  const site = siteOf(node, scope)
  return node.typename === 'In' ? isIn(left, right, site) : arithmetic(node.typename, left, right, site)
}

function evaluateTest({ left, right }: Binary, scope: Scope): boolean {
  const site = siteOf(right, scope)
  if ('left' in left || left.typename === 'Compare') {
    const hint = 'Put brackets around what is asked about.'
    return fail(siteOf(left, scope), notJinja("'is' belongs to what stands right before it in Jinja", hint))
  }
  const value = evaluateLoosely(left, scope)
  if (right.typename === 'FunCall') {
    const { values } = evaluateArguments(right.args, scope)
    return applyTest(nameOf(right.name), value, values, site)
  }
  const name =
    right.typename === 'Literal' ? (right.value === null ? 'none' : String(right.value)) : nameOf(right)
  if (value === undefined && name !== 'defined' && name !== 'undefined') present(left, scope, value)
  return applyTest(name, value, [], site)
}
