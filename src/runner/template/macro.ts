import { KxError } from '../../base/index.ts'
import { bindArguments } from './arguments.ts'
import type { Body, Caller, Expression, MacroNode, Name, Template } from './ast.ts'
import { failed } from './place.ts'
import { innerScope, type Scope } from './scope.ts'
import { type Callable, fail, type Site, type Value } from './value.ts'
import { newWriter } from './writer.ts'

const DEEPEST_CALL = 200

interface MacroParts {
  readonly title: string
  readonly parameters: readonly string[]
  /** Default values, by parameter. */
  readonly defaults: ReadonlyMap<string, Expression>
  readonly body: Body
}

/** `{% macro %}` as something to call: its text, with the places of its own file. `home` is where it is written. */
export function makeMacro(node: MacroNode, home: Scope): Callable {
  return callableOf(
    {
      title: `the macro ${node.name.value}`,
      body: node.body,
      ...signatureOf(node.args.children, home.template),
    },
    home,
  )
}

/** The body of `{% call(x) m() %}`, which sees the names around it. */
export function makeCaller(node: Caller, home: Scope): Callable {
  return callableOf(
    { title: 'caller', body: node.body, ...signatureOf(node.args?.children ?? [], home.template) },
    home,
  )
}

/** Names and default values of a macro's or test's parameters. */
export function signatureOf(
  args: readonly Expression[],
  template: Template,
): Pick<MacroParts, 'parameters' | 'defaults'> {
  const parameters: string[] = []
  const defaults = new Map<string, Expression>()
  for (const argument of args) {
    const pairs =
      argument.typename === 'KeywordArgs' ? argument.children : [{ key: argument, value: undefined }]
    for (const { key, value } of pairs) {
      if (key.typename !== 'Symbol') {
        fail(
          { template, at: key },
          failed('a parameter is a name', 'Write names, with = and a default if wanted.'),
        )
      }
      parameters.push((key as Name).value)
      if (value !== undefined) defaults.set((key as Name).value, value)
    }
  }
  return { parameters, defaults }
}

function callableOf({ title, parameters, defaults, body }: MacroParts, home: Scope): Callable {
  return (values, { caller, ...named }, site) => {
    const bound = bindArguments({ title, parameters }, values, named, site)
    const scope = innerScope(home, Object.entries(bound))
    for (const [name, value] of defaults) {
      if (bound[name] === undefined) scope.values.set(name, scope.rendering.evaluate(value, scope))
    }
    if (caller !== undefined) scope.values.set('caller', caller)
    return renderCalled(body, scope, site)
  }
}

function renderCalled(body: Body, scope: Scope, site: Site): Value {
  const { calls, chunksByText } = scope.rendering
  if (calls.length >= DEEPEST_CALL)
    fail(site, failed('macros call each other without end', 'Break the circle.'))
  calls.push(site)
  const writer = newWriter()
  try {
    scope.rendering.render(body, scope, writer)
  } catch (error) {
    throw blamedOn(error, site)
  }
  calls.pop()
  chunksByText.set(writer.text, writer.chunks)
  return writer.text
}

/** Adds the caller's place to an error in a macro of another file. */
function blamedOn(error: unknown, { template, at }: Site): unknown {
  if (!(error instanceof KxError) || error.at === undefined || error.at.file === template.file) return error
  const { code, message, hint, cause } = error
  if (message.includes(' (called from ')) return error
  const from = `${message} (called from ${template.file}:${at.lineno + 1}:${at.colno + 1})`
  return new KxError(code, from, { at: error.at, cause, ...(hint === undefined ? {} : { hint }) })
}
