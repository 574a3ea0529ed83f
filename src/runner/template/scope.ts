import { nearest } from '../../base/index.ts'
import type { Body, Expression, Name, Root, Template } from './ast.ts'
import { failed } from './place.ts'
import { fail, type Site, type Value } from './value.ts'
import type { Chunk, Writer } from './writer.ts'

/** The functions of a template and the macros of macros/, found by name when they are used. */
export interface Globals {
  get(name: string): Value
  keys(): Iterable<string>
}

/** What one rendering shares among its templates: its functions, and where macros' texts came from. */
export interface Rendering {
  readonly globals: Globals
  /** The other half of evaluate and render, which call each other. */
  readonly evaluate: (node: Expression, scope: Scope) => Value
  readonly render: (body: Body | Root, scope: Scope, writer: Writer) => void
  /** Chunks of what macros returned, by that text: printed unchanged, it keeps its places. */
  readonly chunksByText: Map<string, readonly Chunk[]>
  /** Calls of macros under way, outermost first. */
  readonly calls: Site[]
}

/** Names in reach at one point of a template. */
export interface Scope {
  readonly rendering: Rendering
  readonly template: Template
  readonly values: Map<string, Value>
  readonly parent: Scope | undefined
}

/** A scope of the same template inside `parent`: a loop's body, a macro's. */
export function innerScope(parent: Scope, entries?: Iterable<readonly [string, Value]>): Scope {
  const { rendering, template } = parent
  return { rendering, template, values: new Map(entries), parent }
}

const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['True', true],
  ['False', false],
  ['None', null],
])

/** The value of a name; undefined if nothing has it. */
export function lookUp(scope: Scope, name: string): Value {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const value = at.values.get(name)
    if (value !== undefined || at.values.has(name)) return value
  }
  return scope.rendering.globals.get(name) ?? CONSTANTS.get(name)
}

/** Names that dbt's templates have and kx's have not. */
const DBT_NAMES = new Set(
  'adapter api dbt_version doc execute flags fromjson fromyaml graph invocation_id local_md5 log model modules print return run_query run_started_at selected_resources set statement load_result toyaml zip'.split(
    ' ',
  ),
)

/** Fails for a name without a value, and says what to do about it. */
export function failUnknown(scope: Scope, name: Name): never {
  const site = { template: scope.template, at: name }
  if (isParameter(scope, name.value)) {
    return fail(site, failed(`'${name.value}' was not given`, 'Pass it where the macro is called.'))
  }
  return fail(site, failed(`'${name.value}' is not defined`, hintFor(scope, name.value)))
}

/** A parameter that the call left out has a name and no value. */
function isParameter(scope: Scope, name: string): boolean {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent)
    if (at.values.has(name)) return true
  return false
}

function hintFor(scope: Scope, name: string): string {
  if (DBT_NAMES.has(name)) return 'dbt has it, kx does not: docs/templates.md lists what there is.'
  const suggestion = nearest(name, namesInReach(scope))
  if (suggestion !== undefined) return `Did you mean ${suggestion}?`
  return `Write the macro in macros/, or set it, or pass it: var('${name}').`
}

function namesInReach(scope: Scope): Set<string> {
  const names = new Set(scope.rendering.globals.keys())
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    for (const [name, value] of at.values) if (value !== undefined) names.add(name)
  }
  return names
}
