import { KxError, type Place } from '../../base/index.ts'
import type { Assertion, Contract, Model, Project, RenderedSql, Seed, Source } from '../model/index.ts'
import type { TemplateTarget } from './functions.ts'
import { readGenericTests } from './generic-tests.ts'
import { readMacros } from './library.ts'
import { locateIn } from './locate.ts'
import { placeOf } from './place.ts'
import { indexOf, type ModelFile, modelFiles, seedsOf, sourcesOf } from './project-files.ts'
import { type GenericTestInput, renderGenericTest } from './render-generic-test.ts'
import { type RenderedModel, renderModel } from './render-model.ts'
import { renderSingularTest } from './render-singular-test.ts'
import type { RenderContext, Rendered } from './render-sql.ts'

export interface RenderOptions {
  readonly target: TemplateTarget
  /** From the command line or a unit test; stronger than the project's. */
  readonly vars?: Readonly<Record<string, unknown>>
  /** For env_var(). */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Names or ids: render these models alone, and no tests. */
  readonly only?: readonly string[]
}

/** A project whose templates are rendered. Everything is in the order of its id. */
export interface RenderedProject {
  /** Enabled models. */
  readonly models: readonly Model[]
  readonly seeds: readonly Seed[]
  readonly sources: readonly Source[]
  /** Enabled tests of enabled models; rendered when first asked for. */
  readonly tests: readonly Assertion[]
  /**
   * The place in a template or macro that wrote the character at `offset` (from 0) of `rendered.sql`, with a code
   * frame.
   */
  readonly locate: (node: { readonly rendered: RenderedSql }, offset: number) => Place
}

/**
 * Renders every model and test of a project: each template once, to one stable SQL text.
 *
 * @throws {KxError} for the first thing wrong, at its place in the template, macro or contract.
 */
export function renderProject(project: Project, options: RenderOptions): RenderedProject {
  const files = modelFiles(project)
  const seeds = seedsOf(project)
  const sources = sourcesOf(project)
  const context: RenderContext = {
    library: readMacros(project.macros),
    index: indexOf(files, seeds, sources),
    vars: { ...project.vars, ...options.vars },
    env: options.env ?? {},
    target: options.target,
  }
  const wanted =
    options.only === undefined ? files : files.filter((file) => isWanted(file, options.only ?? []))
  const models = wanted.map((file) => renderOne(file, project, context))
  const enabled = models.filter(({ model }) => model.config.isEnabled)
  checkEnabled(
    models,
    enabled.map(({ source }) => source),
  )
  let renderedTests: readonly RenderedTest[] | undefined
  const tests = () => {
    if (renderedTests === undefined) {
      renderedTests =
        options.only === undefined ? renderTests(project, { models: enabled, seeds, sources, context }) : []
      checkEnabled(models, renderedTests)
    }
    return renderedTests
  }
  return {
    models: enabled.map(({ model }) => model),
    seeds,
    sources,
    get tests() {
      return tests().map(({ assertion }) => assertion)
    },
    locate: locator(
      models.map(({ source }) => source),
      () => renderedTests ?? [],
    ),
  }
}

function isWanted({ entry }: ModelFile, only: readonly string[]): boolean {
  return only.includes(entry.name) || only.includes(entry.id)
}

function renderOne(file: ModelFile, project: Project, context: RenderContext): RenderedModel {
  const folderConfig = project.folderConfig
    .filter(({ folder }) => folder.every((part, i) => file.fqn[i] === part))
    .sort((a, b) => a.folder.length - b.folder.length)
    .map(({ config }) => config)
  return renderModel({ ...context, ...file, folderConfig, project })
}

interface Tested {
  readonly models: readonly RenderedModel[]
  readonly seeds: readonly Seed[]
  readonly sources: readonly Source[]
  readonly context: RenderContext
}

type RenderedTest = Rendered & { readonly assertion: Assertion }

function renderTests(project: Project, { models, seeds, sources, context }: Tested): RenderedTest[] {
  const takenNames = new Set<string>()
  const tests = readGenericTests(project.genericTests)
  const singular = project.singularTests.map((file) => renderSingularTest(file, takenNames, context))
  const tested = [...models.map(({ model }) => model), ...seeds, ...sources]
  const generic = tested.flatMap(({ kind, id, schema, name, fqn, contract }) => {
    if (contract === undefined) return []
    const entry = { id, schema, name, fqn, kind: kind === 'source' ? ('source' as const) : ('ref' as const) }
    return usesOf(contract).map((use) =>
      renderGenericTest({ ...use, contract, entry, tests, takenNames }, context),
    )
  })
  return [...singular, ...generic]
    .filter(({ assertion }) => assertion.config.enabled !== false)
    .sort((a, b) => (a.assertion.id < b.assertion.id ? -1 : 1))
}

function usesOf({ tests, columns }: Contract): Pick<GenericTestInput, 'use' | 'column'>[] {
  return [
    ...tests.map((use) => ({ use, column: undefined })),
    ...columns.flatMap((column) => column.tests.map((use) => ({ use, column }))),
  ]
}

/** A model that is switched off has no rows to read. */
function checkEnabled(models: readonly RenderedModel[], readers: readonly Rendered[]): void {
  const disabled = new Set(models.filter(({ model }) => !model.config.isEnabled).map(({ model }) => model.id))
  if (disabled.size === 0) return
  for (const { asked } of readers) {
    const found = asked.find(({ edge }) => disabled.has(edge.parent))
    if (found === undefined) continue
    throw new KxError('KX_REF_UNKNOWN', `ref('${found.name}') names a model that is not enabled`, {
      hint: `Set enabled=true in ${found.name}, or switch this one off too.`,
      at: placeOf(found.site.template, found.site.at),
    })
  }
}

function locator(models: readonly Rendered[], tests: () => readonly Rendered[]): RenderedProject['locate'] {
  return ({ rendered }, offset) => {
    const found = [...models, ...tests()].find((one) => one.rendered === rendered)
    return found === undefined ? { file: rendered.file } : locateIn(found.trace, offset)
  }
}
