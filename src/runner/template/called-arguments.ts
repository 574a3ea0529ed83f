import { isKxError, placedAt } from '../../base/index.ts'
import type { TestUse } from '../model/index.ts'
import type { Expression } from './ast.ts'
import { parseTemplate } from './parse.ts'
import type { Scope } from './scope.ts'
import type { Value } from './value.ts'

const CALL = /^\s*(?:ref|source|var|env_var)\s*\(.*\)\s*$/s

/**
 * The arguments of a generic test that are calls, evaluated: as in dbt, `to: ref('exchange')` is the relation.
 *
 * @throws {KxError} at the use
 */
export function calledArguments(
  bound: Readonly<Record<string, Value>>,
  use: TestUse,
  scope: Scope,
): [string, Value][] {
  return Object.entries(bound).flatMap(([name, value]): [string, Value][] => {
    if (typeof value !== 'string' || !CALL.test(value)) return []
    try {
      const call = parsedCall(value, use)
      return call === undefined ? [] : [[name, evaluated(call, use, scope)]]
    } catch (error) {
      throw isKxError(error) ? placedAt(error, use.at) : error
    }
  })
}

/** Undefined if it is more than a call: then it is SQL. */
function parsedCall(text: string, { at }: TestUse): Expression | undefined {
  const [output] = parseTemplate({ file: at.file, text: `{{ ${text} }}` }).children
  const call = output?.typename === 'Output' ? output.children[0] : undefined
  return call?.typename === 'FunCall' && call.name.typename === 'Symbol' ? call : undefined
}

function evaluated(call: Expression, { at }: TestUse, scope: Scope): Value {
  return scope.rendering.evaluate(call, { ...scope, template: { file: at.file, text: '' } })
}
