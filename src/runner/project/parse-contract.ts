import * as z from 'zod/mini'
import { withPlace } from '../../base/index.ts'
import {
  type Column,
  type Contract,
  checkConfig,
  type TestUse,
  type TextFile,
  type WrittenConfig,
} from '../model/index.ts'
import { checked, checkShape, keyed } from './check-shape.ts'
import { type Path, readYaml, type YamlFile } from './yaml-file.ts'

const CODE = 'KX_CONTRACT_INVALID'

const isText = (value: unknown) => typeof value === 'string' && value !== ''
const text = checked<string>(isText, 'Write a text.')
const names = checked<string | readonly string[]>(
  (value) => isText(value) || (Array.isArray(value) && value.every(isText)),
  'Write a name or a list of names.',
)
const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const testUse = checked<string | Record<string, unknown>>(
  (value) => isText(value) || (isMapping(value) && Object.keys(value).length === 1),
  'Write the name of a test, or its name with arguments: { accepted_range: { min: 0 } }.',
)
const tests = z.optional(z.nullable(z.array(testUse)))
const columnKeys = {
  type: text,
  description: z.optional(text),
  unit: z.optional(z.nullable(text)),
  nullable: z.optional(z.boolean()),
  tests,
}

const contractShape = keyed({
  description: z.optional(text),
  columns: z.optional(z.nullable(z.record(z.string(), keyed(columnKeys)))),
  tests,
  config: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
  tags: z.optional(names),
  time_column: z.optional(text),
  valid_range: z.optional(keyed({ from: text, to: text })),
  key_order: z.optional(names),
})

/**
 * The contract in a `.yml` beside a model, seed or source.
 *
 * @throws {KxError} KX_CONTRACT_INVALID, KX_CONFIG_INVALID at the place in the file.
 */
export function parseContract(file: TextFile): Contract {
  const yaml = readYaml(file, CODE)
  const { version, models } = (yaml.value ?? {}) as { version?: unknown; models?: unknown }
  if (version !== undefined || Array.isArray(models)) {
    yaml.fail(
      [models === undefined ? 'version' : 'models'],
      'this is a contract of many models',
      'Write one .yml beside each model.',
    )
  }
  const written = checkShape(yaml, contractShape, CODE)
  const columns = Object.entries(written.columns ?? {}).map(
    ([name, keys]): Column => ({
      name,
      type: keys.type,
      description: keys.description ?? '',
      unit: keys.unit ?? undefined,
      isNullable: keys.nullable ?? true,
      tests: testUses(yaml, ['columns', name, 'tests'], keys.tests ?? []),
    }),
  )
  const contract: Contract = {
    description: written.description ?? '',
    columns,
    tests: testUses(yaml, ['tests'], written.tests ?? []),
    config: configOf(yaml, written.config ?? {}),
    tags: listOf(written.tags),
    timeColumn: written.time_column,
    validRange: written.valid_range,
    keyOrder: listOf(written.key_order),
    file: file.file,
  }
  checkColumns(yaml, contract)
  return contract
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

/** `{ accepted_values: [buy, sell] }` gives its first argument, kept as `_`. */
function testUses(
  yaml: YamlFile,
  path: Path,
  written: readonly (string | Record<string, unknown>)[],
): TestUse[] {
  return written.map((use, i) => {
    const at = yaml.at([...path, i])
    if (typeof use === 'string') return { name: use, args: {}, at }
    const [[name, value] = ['', null]] = Object.entries(use)
    const args = isMapping(value) ? value : value === null ? {} : { _: value }
    return { name, args, at: yaml.atPlain([...path, i], name) }
  })
}

function configOf(yaml: YamlFile, written: WrittenConfig): WrittenConfig {
  return Object.assign(
    {},
    ...Object.entries(written).map(([key, value]) => {
      try {
        return checkConfig('model', { [key]: value })
      } catch (error) {
        throw withPlace(error, yaml.atKey(['config'], key))
      }
    }),
  )
}

/** Columns that other keys name must be there, where columns are written at all. */
function checkColumns(yaml: YamlFile, { columns, timeColumn, validRange, keyOrder }: Contract): void {
  if (columns.length === 0) return
  const known = new Set(columns.map(({ name }) => name))
  const named: [Path, string | undefined][] = [
    [['time_column'], timeColumn],
    [['valid_range', 'from'], validRange?.from],
    [['valid_range', 'to'], validRange?.to],
    ...keyOrder.map((name, i): [Path, string] => [['key_order', i], name]),
  ]
  for (const [path, name] of named) {
    if (name === undefined || known.has(name)) continue
    yaml.fail(path, `there is no column '${name}'`, `Add ${name} to columns, or correct the name.`)
  }
}
