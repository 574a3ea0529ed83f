import { nearest } from '../../base/index.ts'
import { failed } from './place.ts'
import { fail, type Named, type Site, type Value } from './value.ts'

export interface Signature {
  /** For messages: `ref`, `the macro bucket_of`. */
  readonly title: string
  readonly parameters: readonly string[]
}

/**
 * Values and names as one mapping by parameter; what was not given is undefined.
 *
 * @throws {KxError} KX_TEMPLATE_FAILED for too many values, or a name that is unknown or given twice.
 */
export function bindArguments(
  { title, parameters }: Signature,
  values: readonly Value[],
  named: Named,
  site: Site,
): Record<string, Value> {
  if (values.length > parameters.length) {
    const takes = parameters.length === 0 ? 'none' : `only ${parameters.join(', ')}`
    fail(site, failed(`${title} got ${values.length} arguments and takes ${takes}`, 'Drop the others.'))
  }
  const bound: Record<string, Value> = {}
  parameters.forEach((parameter, i) => {
    bound[parameter] = i < values.length ? values[i] : named[parameter]
  })
  for (const name of Object.keys(named)) {
    const position = parameters.indexOf(name)
    if (position === -1) fail(site, failed(`${title} has no argument '${name}'`, hintFor(name, parameters)))
    if (position < values.length) fail(site, failed(`${title} got '${name}' twice`, 'Give it once.'))
  }
  return bound
}

function hintFor(name: string, parameters: readonly string[]): string {
  const suggestion = nearest(name, parameters)
  if (suggestion !== undefined) return `Did you mean ${suggestion}?`
  return parameters.length === 0 ? 'Drop it.' : `Use ${parameters.join(', ')}.`
}
