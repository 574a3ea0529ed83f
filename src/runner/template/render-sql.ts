import { once } from '../../base/index.ts'
import type { RenderedSql } from '../model/index.ts'
import type { At, Body, Root, Template } from './ast.ts'
import { checkSql } from './check-sql.ts'
import { type FinishedSql, finishSql } from './finish.ts'
import { type FunctionContext, templateFunctions } from './functions.ts'
import { beginRendering, type MacroLibrary } from './library.ts'
import type { Trace } from './locate.ts'
import { render } from './render.ts'
import type { Scope } from './scope.ts'
import { newUsage, relationsIn, type Usage } from './usage.ts'
import type { Value } from './value.ts'
import { newWriter, type Writer, write } from './writer.ts'

export interface RenderInput extends Omit<FunctionContext, 'usage' | 'isIncremental' | 'extra'> {
  readonly template: Template
  readonly root: Root
  readonly library: MacroLibrary
  /** Whether the model is incremental, by what config() said so far. */
  readonly isIncremental: (usage: Usage) => boolean
  /** Names of this rendering alone: a test's `model` and arguments. */
  readonly extra?: (usage: Usage) => Readonly<Record<string, Value>>
  /** What to render in the file's scope instead of the whole file: a `{% test %}`. */
  readonly body?: (scope: Scope) => { readonly body: Body; readonly scope: Scope }
  /** Text to put around the template's, and where it comes from: what takes `where` to a test. */
  readonly around?: (usage: Usage) => Surrounding
}

interface Surrounding {
  readonly before: string
  readonly after: string
  readonly at: At
  readonly template: Template
}

/** What all renderings of a project share. */
export type RenderContext = Pick<RenderInput, 'library' | 'index' | 'vars' | 'env' | 'target'>

/**
 * A template rendered to SQL, and what is known of it besides. All but `usage` and `asked` takes reading the SQL, which
 * is done when one of them is first asked for: listing a thousand models needs none.
 */
export interface Rendered {
  readonly rendered: RenderedSql
  readonly usage: Usage
  readonly trace: Trace
  readonly asked: FinishedSql['asked']
  /** What the SQL means: the input of the code hash. */
  readonly meaning: string
}

/**
 * Renders one template to one stable SQL text, with names for what it reads and `$n` for its bounds.
 *
 * @throws {KxError} KX_TEMPLATE_FAILED, KX_TEMPLATE_JINJA, KX_REF_UNKNOWN, KX_VAR_MISSING, KX_WINDOW_INVALID; those of
 * the SQL itself when it is first asked for
 */
export function renderSql(input: RenderInput): Rendered {
  const { template, self, target } = input
  const usage = newUsage()
  const writer = renderText(input, usage)
  const finish = once(() => {
    const finished = finishSql({
      text: writer.text,
      usage,
      self: self && { schema: `${target.schemaPrefix}${self.schema}`, name: self.name },
    })
    const { sql, bindings, parameters, replacements, rawStart } = finished
    const trace = { chunks: writer.chunks, replacements, rawStart, fallback: { file: template.file } }
    checkSql(finished, trace)
    const rendered = { sql, bindings, parameters, vars: usage.vars, file: template.file }
    return { rendered, trace, meaning: finished.meaning, asked: finished.asked }
  })
  return {
    usage,
    get rendered() {
      return finish().rendered
    },
    get trace() {
      return finish().trace
    },
    get meaning() {
      return finish().meaning
    },
    // A comment may name what is not read: then only the tokens tell.
    get asked() {
      return /--|\/\*/.test(writer.text) ? finish().asked : relationsIn(writer.text, usage)
    },
  }
}

function renderText(input: RenderInput, usage: Usage): Writer {
  const { template, root, library, body, around, extra, isIncremental, ...context } = input
  const functions = templateFunctions({
    ...context,
    usage,
    isIncremental: () => isIncremental(usage),
    extra: extra?.(usage) ?? {},
  })
  const rendering = beginRendering(library, functions)
  const scope: Scope = { rendering, template, values: new Map<string, Value>(), parent: undefined }
  const writer = newWriter()
  const called = body?.(scope) ?? { body: root, scope }
  render(called.body, called.scope, writer)
  return around === undefined ? writer : surrounded(writer, around(usage))
}

function surrounded(writer: Writer, { before, after, at, template }: Surrounding): Writer {
  const whole = newWriter()
  const source = { template, at, literal: undefined, inner: undefined }
  write(whole, before, source)
  whole.chunks.push(...writer.chunks.map((chunk) => ({ ...chunk, start: chunk.start + before.length })))
  whole.text += writer.text.replace(/[\s;]+$/, '')
  write(whole, after, source)
  return whole
}
