import { KxError, withPlace } from '../../base/index.ts'
import { type Edge, parseWindow, type WrittenConfig } from '../model/index.ts'
import { bindArguments } from './arguments.ts'
import { failed, placeOf } from './place.ts'
import {
  findRelation,
  hintForRef,
  hintForSource,
  type ProjectIndex,
  type RelationEntry,
} from './project-index.ts'
import { askFor, END_PLACEHOLDER, START_PLACEHOLDER, THIS_PLACEHOLDER, type Usage } from './usage.ts'
import { type Callable, fail, isMapping, NAMESPACE, PRINTED, type Site, type Value } from './value.ts'

/** What the functions of one rendering know. */
export interface FunctionContext {
  readonly index: ProjectIndex
  readonly usage: Usage
  readonly vars: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly target: TemplateTarget
  /** The model that renders; undefined in a test. */
  readonly self: RelationEntry | undefined
  /** Whether the model is incremental, by the config so far. */
  readonly isIncremental: () => boolean
  /** Names of this rendering alone: a test's `model` and arguments. */
  readonly extra: Readonly<Record<string, Value>>
}

export interface TemplateTarget {
  readonly name: string
  readonly engine: string
  readonly schemaPrefix: string
}

/** Every name that a template has besides macros. */
export function templateFunctions(context: FunctionContext): Map<string, Value> {
  const { target, self, extra } = context
  const names: [string, Value][] = [
    ['ref', refFunction(context)],
    ['source', sourceFunction(context)],
    ['previous', previousFunction(context)],
    ['config', configFunction(context)],
    ['var', varFunction(context)],
    ['env_var', envVarFunction(context)],
    ['is_incremental', () => context.isIncremental()],
    ['target', { name: target.name, schema_prefix: target.schemaPrefix, engine: target.engine }],
    ['partition', { start: START_PLACEHOLDER, end: END_PLACEHOLDER }],
    ['range', range],
    [
      'namespace',
      (...[values, named, site]: Parameters<Callable>) => ({
        ...mappingOf(values, named, site),
        [NAMESPACE]: true,
      }),
    ],
    ['dict', mappingOf],
    ['exceptions', { raise_compiler_error: raise }],
  ]
  if (self !== undefined) names.push(['this', thisOf(self, target)])
  return new Map([...names, ...Object.entries(extra)])
}

/** Names that macros may not take. */
export const FUNCTION_NAMES: ReadonlySet<string> = new Set(
  'ref source previous config var env_var is_incremental target partition range namespace dict exceptions this'.split(
    ' ',
  ),
)

function thisOf({ schema, name, id }: RelationEntry, { schemaPrefix }: TemplateTarget): Value {
  return { [PRINTED]: THIS_PLACEHOLDER, schema: `${schemaPrefix}${schema}`, name, identifier: name, id }
}

function text(value: Value, what: string, site: Site): string {
  if (typeof value === 'string' && value !== '') return value
  return fail(site, failed(`${what} is missing or no text`, 'Write it in quotes.'))
}

function refFunction({ index, usage }: FunctionContext): Callable {
  return (values, named, site) => {
    const args = bindArguments(
      { title: 'ref', parameters: ['name', 'window'] },
      values.slice(0, 1),
      named,
      site,
    )
    if (values.length > 1)
      fail(site, failed('ref takes one name', "Write ref('name'), and window='…' by name."))
    const name = text(args.name, 'the name in ref()', site)
    const found = findRelation(index, name)
    if (found === undefined) {
      const message = `ref('${name}') names no model`
      return fail(site, { code: 'KX_REF_UNKNOWN', message, hint: hintForRef(index, name) })
    }
    return bind(usage, { kind: 'ref', entry: found, window: args.window }, site)
  }
}

function sourceFunction({ index, usage }: FunctionContext): Callable {
  return (values, named, site) => {
    const parameters = ['schema', 'name', 'window']
    const args = bindArguments({ title: 'source', parameters }, values, named, site)
    const schema = text(args.schema, 'the schema in source()', site)
    const name = text(args.name, 'the table in source()', site)
    const found = index.sources.get(`${schema}.${name}`)
    if (found === undefined) {
      const message = `source('${schema}', '${name}') names no source`
      return fail(site, { code: 'KX_REF_UNKNOWN', message, hint: hintForSource(index, schema, name) })
    }
    return bind(usage, { kind: 'source', entry: found, window: args.window }, site)
  }
}

function previousFunction({ usage, self }: FunctionContext): Callable {
  return (values, named, site) => {
    const { window } = bindArguments({ title: 'previous', parameters: ['window'] }, values, named, site)
    if (self === undefined) return fail(site, failed('previous() is for models', 'Use ref().'))
    return bind(
      usage,
      { kind: 'previous', entry: self, window: text(window, 'the window in previous()', site) },
      site,
    )
  }
}

interface Wanted {
  readonly kind: Edge['kind']
  readonly entry: RelationEntry
  readonly window: Value
}

function bind(usage: Usage, { kind, entry, window }: Wanted, site: Site): string {
  const edge: Edge = { kind, parent: entry.id, window: windowOf(window, site) }
  return askFor(usage, { edge, name: entry.name, schema: entry.schema, site })
}

function windowOf(window: Value, site: Site): Edge['window'] {
  if (window === undefined || window === null) return 'own'
  try {
    return parseWindow(String(window))
  } catch (error) {
    throw withPlace(error, placeOf(site.template, site.at))
  }
}

function configFunction({ usage }: FunctionContext): Callable {
  return (values, named, site) => {
    const [mapping] = values
    if (values.length > 1 || (values.length === 1 && !isMapping(mapping))) {
      fail(site, {
        code: 'KX_CONFIG_INVALID',
        message: 'config takes names',
        hint: "Write config(materialized='view').",
      })
    }
    const written: WrittenConfig = { ...(isMapping(mapping) ? mapping : {}), ...named }
    usage.configCalls.push({ values: written, site })
    return ''
  }
}

function varFunction({ vars, usage }: FunctionContext): Callable {
  return (values, named, site) => {
    const args = bindArguments({ title: 'var', parameters: ['name', 'default'] }, values, named, site)
    const name = text(args.name, 'the name in var()', site)
    const value = Object.hasOwn(vars, name) ? vars[name] : args.default
    if (value === undefined) {
      const hint = `Add ${name} to vars in project.yml, or give a default: var('${name}', …).`
      return fail(site, { code: 'KX_VAR_MISSING', message: `var('${name}') has no value`, hint })
    }
    usage.vars[name] = value
    // A list that a template appends to must not reach the next one.
    return typeof value === 'object' ? structuredClone(value) : value
  }
}

function envVarFunction({ env }: FunctionContext): Callable {
  return (values, named, site) => {
    const args = bindArguments({ title: 'env_var', parameters: ['name', 'default'] }, values, named, site)
    const name = text(args.name, 'the name in env_var()', site)
    const value = env[name] ?? args.default
    if (value !== undefined) return value
    const hint = `Set ${name}, or give a default: env_var('${name}', '…').`
    return fail(site, { code: 'KX_VAR_MISSING', message: `the environment has no ${name}`, hint })
  }
}

/** What dict() and namespace() make: of a mapping, of names, or of both. */
const mappingOf: (...args: Parameters<Callable>) => Record<string, Value> = (
  [given = {}, ...more],
  named,
  site,
) => {
  if (isMapping(given) && more.length === 0) return { ...given, ...named }
  return fail(site, failed('what is not a mapping cannot become one here', "Write names: a=1, or {'a': 1}."))
}

const range: Callable = (values, named, site) => {
  bindArguments({ title: 'range', parameters: ['start', 'stop', 'step'] }, values, named, site)
  const numbers = values.map((value) =>
    Number.isInteger(value) ? Number(value) : fail(site, failed('range takes whole numbers', 'Use | int.')),
  )
  const [start, stop, step] =
    numbers.length < 2 ? [0, numbers[0] ?? 0, 1] : [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 1]
  const length = step === 0 ? Number.NaN : Math.max(0, Math.ceil((stop - start) / step))
  if (!(length <= 100_000))
    fail(site, failed('the range has no end, or too many numbers', 'Check its bounds.'))
  return Array.from({ length }, (_, i) => start + i * step)
}

const raise: Callable = ([message], _named, site) => {
  throw new KxError('KX_TEMPLATE_FAILED', String(message), {
    at: placeOf(site.template, site.at),
    hint: 'Do as it says.',
  })
}
