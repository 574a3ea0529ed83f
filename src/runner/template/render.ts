import type { Body, Expression, For, If, Output, Root, SetNode } from './ast.ts'
import { evaluate, siteOf } from './evaluate.ts'
import { makeMacro } from './macro.ts'
import { failed, notJinja } from './place.ts'
import { type Globals, innerScope, type Rendering, type Scope } from './scope.ts'
import { fail, isMapping, isTrue, kindOf, NAMESPACE, printed, type Value } from './value.ts'
import { type Writer, write } from './writer.ts'

/** Begins a rendering: its templates and macros share `globals`. */
export function newRendering(globals: Globals): Rendering {
  return { globals, evaluate, render, chunksByText: new Map(), calls: [] }
}

/** Renders statements in order: text to `writer`, names to `scope`. */
export function render(body: Body | Root, scope: Scope, writer: Writer): void {
  for (const node of body.children) {
    switch (node.typename) {
      case 'Output':
        renderOutput(node, scope, writer)
        break
      case 'If':
        renderIf(node, scope, writer)
        break
      case 'For':
        renderFor(node, scope, writer)
        break
      case 'Set':
        assign(node, scope)
        break
      case 'Macro':
        scope.values.set(node.name.value, makeMacro(node, scope))
        break
      case 'Do':
        evaluate(node.expr, scope)
        break
      default:
        fail(
          { template: scope.template, at: node },
          failed('a {% test %} stands in a model', 'Move it to tests/generic/.'),
        )
    }
  }
}

function renderOutput(node: Output, scope: Scope, writer: Writer): void {
  const { template, rendering } = scope
  for (const child of node.children) {
    if (child.typename === 'TemplateData') {
      write(writer, child.value, { template, at: child, literal: child.value, inner: undefined })
    } else {
      const site = siteOf(child, scope)
      const text = printed(evaluate(child, scope), site)
      const inner = child.typename === 'Literal' ? undefined : rendering.chunksByText.get(text)
      write(writer, text, { template, at: site.at, literal: undefined, inner })
    }
  }
}

function renderIf(node: If, scope: Scope, writer: Writer): void {
  if (isTrue(evaluate(node.cond, scope))) {
    render(node.body, scope, writer)
  } else if (node.else_?.typename === 'If') {
    renderIf(node.else_, scope, writer)
  } else if (node.else_) {
    render(node.else_, scope, writer)
  }
}

/** `for x in xs if condition`: what is set inside stays inside, and `loop` counts what passed the condition. */
function renderFor(node: For, scope: Scope, writer: Writer): void {
  const { list, condition } = loopParts(node.arr)
  const names = node.name.typename === 'Symbol' ? [node.name.value] : targetNames(node.name.children)
  const scopes = elementsOf(list, scope)
    .map((element) => innerScope(scope, unpack(names, element, list, scope)))
    .filter((inner) => condition === undefined || isTrue(evaluate(condition, inner)))
  if (scopes.length === 0 && node.else_) render(node.else_, scope, writer)
  scopes.forEach((inner, i) => {
    inner.values.set('loop', loopAt(i, scopes, names))
    render(node.body, inner, writer)
  })
}

function loopParts(arr: Expression): { list: Expression; condition: Expression | undefined } {
  if (arr.typename === 'InlineIf' && arr.else_ === null) return { list: arr.body, condition: arr.cond }
  return { list: arr, condition: undefined }
}

function elementsOf(list: Expression, scope: Scope): readonly Value[] {
  const value = evaluate(list, scope)
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return [...value]
  if (isMapping(value)) return Object.keys(value)
  return fail(siteOf(list, scope), failed(`${kindOf(value)} has no elements`, 'Loop over a list.'))
}

function targetNames(targets: readonly Expression[]): string[] {
  return targets.map((target) => (target.typename === 'Symbol' ? target.value : ''))
}

function unpack(names: readonly string[], element: Value, from: Expression, scope: Scope): [string, Value][] {
  const [only] = names
  if (names.length === 1 && only !== undefined) return [[only, element]]
  if (!Array.isArray(element) || element.length !== names.length) {
    const hint = 'Loop over pairs; over a mapping with .items().'
    return fail(
      siteOf(from, scope),
      notJinja(`${kindOf(element)} cannot be unpacked to ${names.join(', ')}`, hint),
    )
  }
  return names.map((name, i) => [name, element[i]])
}

function loopAt(i: number, scopes: readonly Scope[], names: readonly string[]): Value {
  const element = (at: number) => scopes[at]?.values.get(names[0] ?? '')
  return {
    index: i + 1,
    index0: i,
    revindex: scopes.length - i,
    revindex0: scopes.length - i - 1,
    first: i === 0,
    last: i === scopes.length - 1,
    length: scopes.length,
    previtem: element(i - 1),
    nextitem: element(i + 1),
    cycle: (values: readonly Value[]) => values[i % values.length],
  }
}

/** `set` reaches the nearest template, macro or loop body, never out of it. */
function assign(node: SetNode, scope: Scope): void {
  const value = evaluate(
    node.value ?? node.body ?? fail({ template: scope.template, at: node }, failed('set what?')),
    scope,
  )
  const [only] = node.targets
  if (node.targets.length === 1 && only !== undefined) {
    assignTo(only, value, scope)
    return
  }
  if (!Array.isArray(value) || value.length !== node.targets.length) {
    fail(
      { template: scope.template, at: node },
      notJinja(
        `${kindOf(value)} cannot be unpacked to ${node.targets.length} names`,
        'Give as many values as names.',
      ),
    )
  }
  const values: readonly Value[] = value
  node.targets.forEach((target, i) => {
    assignTo(target, values[i], scope)
  })
}

function assignTo(target: Expression, value: Value, scope: Scope): void {
  if (target.typename === 'Symbol') {
    scope.values.set(target.value, value)
    return
  }
  if (target.typename === 'LookupVal') {
    const holder = evaluate(target.target, scope)
    if (isMapping(holder) && holder[NAMESPACE] === true) {
      Object.assign(holder, { [String(evaluate(target.val, scope))]: value })
      return
    }
  }
  fail(siteOf(target, scope), failed('set changes names, and what namespace() made', 'Use namespace().'))
}
