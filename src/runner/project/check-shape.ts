import * as z from 'zod/mini'
import { KxError, type KxErrorCode, nearest } from '../../base/index.ts'
import type { YamlFile } from './yaml-file.ts'

const KNOWN_KEYS = 'known keys: '

/** A mapping with these keys alone; another key is an error that suggests the nearest. */
export function keyed<Shape extends z.core.$ZodShape>(shape: Shape) {
  const known = KNOWN_KEYS + Object.keys(shape).join(' ')
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? known : undefined),
  })
}

/** A value that `isValid` accepts; the message is the hint. */
export function checked<Value>(isValid: (value: unknown) => boolean, hint: string) {
  return z.custom<Value>(isValid, hint)
}

/**
 * The file's value, if it has the shape of `schema`.
 *
 * @throws {KxError} `code` at the first thing that has not.
 */
export function checkShape<Schema extends z.ZodMiniType>(
  yaml: YamlFile,
  schema: Schema,
  code: KxErrorCode,
): z.infer<Schema> {
  const result = schema.safeParse(yaml.value ?? {}, { reportInput: true })
  if (result.success) return result.data
  const [issue] = result.error.issues
  if (issue === undefined) throw result.error
  throw errorOf(yaml, innermost(issue), code)
}

/** Of a value that may be one thing or a mapping: what is wrong inside the mapping, where that is what was written. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue
  const inside = issue.errors.flat().find(({ path, code }) => path.length > 0 || code === 'unrecognized_keys')
  return inside ? { ...inside, path: [...issue.path, ...inside.path] } : issue
}

function errorOf(yaml: YamlFile, issue: z.core.$ZodIssue, code: KxErrorCode): KxError {
  const path = issue.path as (string | number)[]
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys
    const known = issue.message.replace(KNOWN_KEYS, '').split(' ')
    const suggestion = nearest(key, known)
    return new KxError(code, `'${key}' is no key ${path.length === 0 ? 'here' : `of ${path.join('.')}`}`, {
      hint: suggestion ? `Did you mean ${suggestion}?` : `Use ${known.join(', ')}.`,
      at: yaml.atKey(path, key),
    })
  }
  const name = path.join('.') || 'the file'
  if (issue.input === undefined) {
    return new KxError(code, `${name} is missing`, {
      hint: `Add ${String(path.at(-1))}.`,
      at: placeFor(yaml, path.slice(0, -1)),
    })
  }
  const hint = issue.code === 'custom' ? issue.message : expectation(issue)
  return new KxError(code, `${name} cannot be ${shown(issue.input)}`, { hint, at: placeFor(yaml, path) })
}

function placeFor(yaml: YamlFile, path: readonly (string | number)[]) {
  try {
    return yaml.fail(path, '', '')
  } catch (error) {
    if (error instanceof KxError && error.at !== undefined) return error.at
    throw error
  }
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    const names: Readonly<Record<string, string>> = {
      string: 'a text',
      number: 'a number',
      int: 'a whole number',
      boolean: 'true or false',
      array: 'a list',
      object: 'a mapping',
      record: 'a mapping',
    }
    return `Write ${names[issue.expected] ?? issue.expected}.`
  }
  if (issue.code === 'invalid_union') {
    const hints = issue.errors.flat().map((one) => (one.code === 'custom' ? one.message : expectation(one)))
    return hints.join(' ').replaceAll('. Write', ', or')
  }
  if (issue.code === 'invalid_value') return `Use ${issue.values.join(' or ')}.`
  return 'Correct the value.'
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
