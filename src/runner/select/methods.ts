import { KxError } from '../../base/index.ts'
import type { Node } from '../model/index.ts'
import { configValue } from './config-value.ts'
import type { Criterion } from './criterion.ts'
import { fnmatch, hasWildcard, pathMatch } from './fnmatch.ts'

type Matches = (node: Node) => boolean

const methods: Readonly<Record<string, (criterion: Criterion) => Matches>> = {
  fqn: byFqn,
  tag: byTag,
  path: byPath,
  file: byFile,
  config: byConfig,
  source: bySource,
  resource_type: byResourceType,
  test_type: byTestType,
  test_name: byTestName,
}

/**
 * Which nodes a criterion names, before `+` and `@`.
 *
 * @throws {KxError} KX_SELECT_INVALID for a method, type or value that does not exist
 */
export function matcherOf(criterion: Criterion): Matches {
  const method = Object.hasOwn(methods, criterion.method) ? methods[criterion.method] : undefined
  if (method !== undefined) return method(criterion)
  throw invalid(criterion, `'${criterion.method}' is not a valid method name`, Object.keys(methods))
}

/** Folders and name; sources are named by `source:`. */
function byFqn({ value }: Criterion): Matches {
  const matches = fqnMatch(value)
  return (node) => node.kind !== 'source' && matches(node.fqn)
}

/**
 * The leaf alone; or a prefix of the parts; or, from the first part with a wildcard on, all of the rest.
 *
 * Unlike dbt, a wildcard without a dot is also tried on the leaf alone: `ohlcv_*` finds gold.ohlcv_5m.
 */
function fqnMatch(value: string): (fqn: readonly string[]) => boolean {
  const parts = value.split('.')
  const wild = parts.findIndex(hasWildcard)
  const fixed = wild < 0 ? parts : parts.slice(0, wild)
  const restMatches = wild < 0 ? undefined : fnmatch(parts.slice(wild).join('.'))
  const leafMatches = parts.length === 1 ? fnmatch(value) : undefined
  return (fqn) => {
    const leaf = fqn.at(-1) ?? ''
    if (leaf === value || leafMatches?.(leaf) === true) return true
    const flat = fqn.flatMap((part) => part.split('.'))
    if (flat.length < parts.length || fixed.some((part, i) => part !== flat[i])) return false
    return restMatches === undefined || restMatches(flat.slice(wild).join('.'))
  }
}

function byTag({ value }: Criterion): Matches {
  const matches = fnmatch(value)
  return (node) => tagsOf(node).some(matches)
}

function byPath({ value }: Criterion): Matches {
  const matches = pathMatch(value)
  return (node) => filesOf(node).some(matches)
}

function byFile({ value }: Criterion): Matches {
  const matches = fnmatch(value)
  return ({ file }) => {
    const name = file.slice(file.lastIndexOf('/') + 1)
    return matches(name) || matches(name.replace(/\.[^.]*$/, ''))
  }
}

/** Texts compare as texts, true and false in any case, a list by what it holds, a map by its keys. */
function byConfig(criterion: Criterion): Matches {
  const { methodArgs, value } = criterion
  if (methodArgs.length === 0) throw invalid(criterion, 'config needs a key', ['config.materialized:view'])
  const wanted = value.toLowerCase()
  const isSeverity = methodArgs.join('.') === 'severity'
  const equals = (found: unknown) =>
    typeof found === 'boolean'
      ? String(found) === wanted
      : typeof found === 'string' && (isSeverity ? found.toLowerCase() === wanted : found === value)
  return (node) => {
    const found = configValue(node, methodArgs)
    if (Array.isArray(found)) return found.some(equals)
    if (typeof found === 'object' && found !== null) return Object.keys(found).some(equals)
    return equals(found)
  }
}

function bySource(criterion: Criterion): Matches {
  const [schema = '', name = '*', ...more] = criterion.value.split('.')
  if (more.length > 0) {
    throw invalid(criterion, `'${criterion.value}' is not a source`, ['source:bronze', 'source:bronze.table'])
  }
  const schemaMatches = fnmatch(schema)
  const nameMatches = fnmatch(name)
  return (node) => node.kind === 'source' && schemaMatches(node.schema) && nameMatches(node.name)
}

const resourceTypes = ['model', 'seed', 'source', 'test', 'unit_test']
/** dbt's others: known words, but kx has no such node. */
const otherTypes = ['snapshot', 'exposure', 'metric', 'semantic_model', 'saved_query', 'analysis', 'function']

function byResourceType(criterion: Criterion): Matches {
  const { value } = criterion
  if (![...resourceTypes, ...otherTypes].includes(value)) {
    throw invalid(criterion, `'${value}' is not a resource type`, resourceTypes)
  }
  if (value === 'unit_test') return isUnitTest
  return (node) => node.kind === value && !isUnitTest(node)
}

const testTypes: Readonly<Record<string, readonly string[]>> = {
  generic: ['generic'],
  schema: ['generic'],
  singular: ['singular'],
  data: ['generic', 'singular'],
  unit: ['unit'],
}

function byTestType(criterion: Criterion): Matches {
  const types = Object.hasOwn(testTypes, criterion.value) ? testTypes[criterion.value] : undefined
  if (types === undefined) {
    throw invalid(criterion, `'${criterion.value}' is not a test type`, Object.keys(testTypes))
  }
  return (node) => node.kind === 'test' && types.includes(node.testType)
}

function byTestName({ value }: Criterion): Matches {
  const matches = fnmatch(value)
  return (node) => node.kind === 'test' && node.testName !== undefined && matches(node.testName)
}

function isUnitTest(node: Node): boolean {
  return node.kind === 'test' && node.testType === 'unit'
}

function tagsOf(node: Node): readonly string[] {
  return node.kind === 'model' ? node.config.tags : node.tags
}

/** Where a node is defined, and the YAML that describes it. */
function filesOf(node: Node): string[] {
  if (node.kind !== 'model' && node.kind !== 'seed') return [node.file]
  return node.contractFile === undefined ? [node.file] : [node.file, node.contractFile]
}

function invalid({ raw }: Criterion, what: string, valid: readonly string[]): KxError {
  return new KxError('KX_SELECT_INVALID', `${what} (in the selector '${raw}')`, {
    hint: `Write one of: ${valid.join(', ')}.`,
  })
}
