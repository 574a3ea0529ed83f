import { KxError } from '../../base/index.ts'

/** One selector between commas: `2+tag:hourly+1`. */
export interface Criterion {
  /** As it was written. */
  readonly raw: string
  readonly method: string
  /** What follows the method: ['materialized'] of `config.materialized:view`. */
  readonly methodArgs: readonly string[]
  readonly value: string
  /** Arrows upstream; 0 for none. */
  readonly parents: number
  /** Arrows downstream; 0 for none. */
  readonly children: number
  /** `@`: the nodes, all below them, and all above those. */
  readonly isAt: boolean
}

const CRITERION = /^(@)?((\d*)\+)?(([\w.]+):)?(.*?)(\+(\d*))?$/s

/**
 * Reads the values of --select or --exclude: the outer list is a union, each inner list an intersection.
 *
 * @throws {KxError} KX_SELECT_INVALID
 */
export function parseSelection(values: readonly string[]): Criterion[][] {
  const terms = values.flatMap((value) => {
    const words = value.split(' ').filter((word) => word !== '')
    if (words.length > 0) return words
    throw new KxError('KX_SELECT_INVALID', 'a selector is empty', {
      hint: "Write what to select, or leave the option out; 'fqn:*' is every model.",
    })
  })
  return terms.map((term) => term.split(',').map(parseCriterion))
}

/**
 * Reads one selector, in dbt's grammar: `silver+`, `+ohlcv_5m`, `1+trades+2`, `@fact_ohlcv`, `tag:hourly`.
 *
 * @see https://docs.getdbt.com/reference/node-selection/syntax
 * @throws {KxError} KX_SELECT_INVALID
 */
function parseCriterion(raw: string): Criterion {
  const match = CRITERION.exec(raw)
  const value = match?.[6] ?? ''
  if (!match || value === '') {
    throw new KxError('KX_SELECT_INVALID', `the selector '${raw}' names nothing`, {
      hint: 'Write a name, a folder or method:value, with + before for parents and + after for children.',
    })
  }
  const [, at, plusBefore, depthBefore, methodPart, method, , plusAfter, depthAfter] = match
  if (at !== undefined && plusAfter !== undefined) {
    throw new KxError('KX_SELECT_INVALID', `the selector '${raw}' has @ before and + after`, {
      hint: `Write ${raw.slice(0, raw.lastIndexOf('+'))} alone: @ takes everything downstream already.`,
    })
  }
  const [name = '', ...methodArgs] = (methodPart === undefined ? defaultMethod(value) : (method ?? '')).split(
    '.',
  )
  return {
    raw,
    method: name,
    methodArgs,
    value,
    parents: depthOf(plusBefore, depthBefore),
    children: depthOf(plusAfter, depthAfter),
    isAt: at !== undefined,
  }
}

function depthOf(plus: string | undefined, digits: string | undefined): number {
  if (plus === undefined) return 0
  return digits === undefined || digits === '' ? Number.POSITIVE_INFINITY : Number(digits)
}

function defaultMethod(value: string): string {
  if (value.includes('/')) return 'path'
  return /\.(sql|py|csv)$/i.test(value) ? 'file' : 'fqn'
}
