import { KxError, nearest, type Place, withPlace } from '../../base/index.ts'
import {
  type Assertion,
  type Column,
  type Contract,
  checkConfig,
  type Edge,
  mergeConfig,
  type TestUse,
  type WrittenConfig,
} from '../model/index.ts'
import { assertionOf, nameOfTest } from './assertion.ts'
import type { At, Template } from './ast.ts'
import { calledArguments } from './called-arguments.ts'
import type { GenericTest } from './generic-tests.ts'
import type { RelationEntry } from './project-index.ts'
import { render } from './render.ts'
import { type RenderContext, type Rendered, renderSql } from './render-sql.ts'
import { innerScope, type Scope } from './scope.ts'
import { askFor, type Usage } from './usage.ts'
import type { Value } from './value.ts'
import { newWriter } from './writer.ts'

export interface GenericTestInput {
  readonly use: TestUse
  readonly column: Column | undefined
  readonly contract: Contract
  /** The model, seed or source under test. */
  readonly entry: RelationEntry & { readonly kind: Edge['kind']; readonly fqn: readonly string[] }
  readonly tests: ReadonlyMap<string, GenericTest>
  readonly takenNames: Set<string>
}

const CONFIG_ARGUMENTS = ['severity', 'where', 'blocking', 'name', 'tags', 'description', 'enabled', 'meta']
/** The rows that `where` leaves, under one name for every test. */
const FILTERED = 'kx_rows'

/**
 * A generic test as a contract uses it. `model` reads like ref() of the model; with `where`, only those rows.
 *
 * @throws {KxError} KX_CONTRACT_INVALID at the use, KX_CONFIG_INVALID, and what renderSql throws.
 */
export function renderGenericTest(
  input: GenericTestInput,
  context: RenderContext,
): Rendered & { assertion: Assertion } {
  const { use, entry, contract } = input
  const test = testNamed(input)
  const { config, args } = splitArguments(use)
  const bound = bindTest(test, args, input)
  const origin = originOf(use.at)
  const where = typeof config.where === 'string' ? config.where : undefined
  const modelIn = (usage: Usage) =>
    askFor(usage, {
      edge: { kind: entry.kind, parent: entry.id, window: 'own' },
      name: entry.name,
      schema: entry.schema,
      site: { template: origin.template, at: origin.at },
    })
  const rendered = renderSql({
    ...context,
    template: test.template,
    root: test.root,
    self: undefined,
    isIncremental: () => false,
    extra: (usage) => ({ ...bound, model: where === undefined ? modelIn(usage) : FILTERED }),
    body: (scope) => {
      for (const [name, value] of calledArguments(bound, use, scope)) scope.values.set(name, value)
      return bodyOf(test, bound, scope)
    },
    ...(where === undefined
      ? {}
      : {
          around: (usage: Usage) => ({ ...origin, ...filtering(modelIn(usage), where) }),
        }),
  })
  const calls = rendered.usage.configCalls.map(({ values }) =>
    placed(use.at, () => checkConfig('test', values)),
  )
  const assertion = assertionOf(rendered, {
    name: nameOfTest(config.name ?? defaultName(input, bound), input.takenNames),
    fqn: entry.fqn.slice(0, -1),
    file: contract.file,
    at: use.at,
    testType: 'generic',
    testName: use.name,
    model: entry.id,
    config: mergeConfig([...calls, config]),
  })
  return { ...rendered, assertion }
}

function testNamed({ use, tests }: GenericTestInput): GenericTest {
  const test = tests.get(use.name)
  if (test !== undefined) return test
  const suggestion = nearest(use.name, tests.keys())
  throw new KxError('KX_CONTRACT_INVALID', `there is no test '${use.name}'`, {
    hint: suggestion ? `Did you mean ${suggestion}?` : `Write it in tests/generic/${use.name}.sql.`,
    at: use.at,
  })
}

/** What says how the test runs, and what the test itself takes. */
function splitArguments({ args, at }: TestUse): {
  config: WrittenConfig
  args: Readonly<Record<string, unknown>>
} {
  const { config: nested, arguments: nestedArgs, ...rest } = args
  const config: Record<string, unknown> = { ...(nested as object | undefined) }
  const own: Record<string, unknown> = { ...(nestedArgs as object | undefined) }
  for (const [name, value] of Object.entries(rest)) {
    if (CONFIG_ARGUMENTS.includes(name)) config[name] = value
    else own[name] = value
  }
  return { config: placed(at, () => checkConfig('test', config)), args: own }
}

function bindTest(
  test: GenericTest,
  { _: positional, ...args }: Readonly<Record<string, unknown>>,
  { use, column }: GenericTestInput,
): Record<string, Value> {
  const own = test.parameters?.filter((name) => name !== 'model' && name !== 'column_name')
  const given: Record<string, Value> = { ...args }
  const first = own?.[0]
  if (positional !== undefined && first !== undefined) given[first] ??= positional
  if (column !== undefined) {
    given.column_name = column.name
    if (test.parameters === undefined || own?.includes('columns')) given.columns ??= [column.name]
  }
  if (test.parameters === undefined) return given
  if (positional !== undefined && first === undefined)
    throw misused(use, 'takes no arguments', 'Write its name alone.')
  for (const name of Object.keys(given)) {
    if (name === 'column_name' || test.parameters.includes(name)) continue
    const suggestion = nearest(name, own ?? [])
    const hint = suggestion ? `Did you mean ${suggestion}?` : `Use ${own?.join(', ') || 'no arguments'}.`
    throw misused(use, `has no argument '${name}'`, hint)
  }
  const missing = test.parameters.find(
    (name) => name !== 'model' && !(name in given) && !test.defaults.has(name),
  )
  if (missing === 'column_name') throw misused(use, 'is for a column', "Move it to a column's tests.")
  if (missing !== undefined)
    throw misused(use, `needs '${missing}'`, `Write { ${use.name}: { ${missing}: … } }.`)
  return given
}

function misused({ name, at }: TestUse, problem: string, hint: string): KxError {
  return new KxError('KX_CONTRACT_INVALID', `the test ${name} ${problem}`, { hint, at })
}

/** Runs the test's file for its macros, then gives the test's body and a scope with its default values. */
function bodyOf({ root, body, defaults }: GenericTest, bound: Readonly<Record<string, Value>>, scope: Scope) {
  if (body === root) return { body: root as typeof body & { typename: 'NodeList' }, scope }
  render(root, scope, newWriter())
  const inner = innerScope(scope)
  for (const [name, value] of defaults) {
    if (!(name in bound)) inner.values.set(name, scope.rendering.evaluate(value, inner))
  }
  return { body: body as typeof body & { typename: 'NodeList' }, scope: inner }
}

/** The rows that `where` leaves, as a CTE around the test: it may begin with a `with` of its own. */
function filtering(model: string, where: string): { before: string; after: string } {
  return { before: `with ${FILTERED} as (select * from ${model} where (${where}))\n(\n`, after: '\n)' }
}

function originOf({ file, line = 1, column = 1 }: Place): { template: Template; at: At } {
  return { template: { file, text: '' }, at: { lineno: line - 1, colno: column - 1 } }
}

function defaultName(
  { use, column, entry }: GenericTestInput,
  { columns }: Readonly<Record<string, Value>>,
): string {
  const named = column?.name ?? (Array.isArray(columns) ? columns.join('_') : '')
  return [use.name, entry.name, named].filter(Boolean).join('_')
}

function placed<Result>(at: Place, act: () => Result): Result {
  try {
    return act()
  } catch (error) {
    throw withPlace(error, at)
  }
}
