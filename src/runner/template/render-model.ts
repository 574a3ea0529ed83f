import { KxError, once, type Place, withPlace } from '../../base/index.ts'
import {
  type Contract,
  checkConfig,
  type Model,
  type ModelConfig,
  mergeConfig,
  modelConfig,
  type TextFile,
  type WrittenConfig,
} from '../model/index.ts'
import { modelHash } from './code-hash.ts'
import { parseTemplate } from './parse.ts'
import { placeOf } from './place.ts'
import type { RelationEntry } from './project-index.ts'
import { type RenderContext, type Rendered, renderSql } from './render-sql.ts'
import type { ConfigCall, Usage } from './usage.ts'

export interface ModelInput extends RenderContext {
  readonly file: TextFile
  readonly entry: RelationEntry
  readonly fqn: readonly string[]
  readonly contract: Contract | undefined
  /** Config of the folders above, outermost first. */
  readonly folderConfig: readonly WrittenConfig[]
  readonly project: { readonly beginMs: number | undefined; readonly settleMs: number }
}

export interface RenderedModel {
  readonly model: Model
  readonly source: Rendered
}

/**
 * Renders a model and settles its config: folders, then the contract, then config(), the later ones stronger.
 *
 * @throws {KxError} KX_CONFIG_INVALID at config(), and what renderSql throws.
 */
export function renderModel(input: ModelInput): RenderedModel {
  const { file, entry, contract } = input
  const outer = [...input.folderConfig, ...contractConfig(contract)]
  const answers = new Set<boolean>()
  const isIncremental = (usage: Usage) => {
    const answer =
      materializationOf([...outer, ...usage.configCalls.map(({ values }) => values)]) === 'incremental'
    answers.add(answer)
    return answer
  }
  const parsed = { template: file, root: parseTemplate(file), self: entry }
  const rendered = renderSql({ ...input, ...parsed, isIncremental })
  const config = settle(input, outer, rendered.usage.configCalls)
  checkTime(config, rendered, answers)
  const codeHash = once(() => modelHash(rendered.meaning, config))
  const model: Model = {
    kind: 'model',
    ...entry,
    fqn: input.fqn,
    file: file.file,
    contractFile: contract?.file,
    config,
    edges: rendered.asked.map(({ edge }) => edge),
    get rendered() {
      return rendered.rendered
    },
    get codeHash() {
      return codeHash()
    },
    contract,
  }
  return { model, source: rendered }
}

/** A contract's config, as written in `config:` and in keys of its own. */
function contractConfig(contract: Contract | undefined): WrittenConfig[] {
  if (contract === undefined) return []
  const { config, tags, timeColumn } = contract
  return [{ ...(timeColumn === undefined ? {} : { time_column: timeColumn }), ...config }, { tags }]
}

function materializationOf(layers: readonly WrittenConfig[]): unknown {
  return mergeConfig(layers).materialized
}

function settle(
  { file, project }: ModelInput,
  outer: WrittenConfig[],
  calls: readonly ConfigCall[],
): ModelConfig {
  const inner = calls.map(({ values, site }) =>
    placed(placeOf(site.template, site.at), () => checkConfig('model', values)),
  )
  const last = calls.at(-1)?.site
  const at: Place = last === undefined ? { file: file.file } : placeOf(last.template, last.at)
  return placed(at, () => {
    const config = modelConfig(mergeConfig([...outer, ...inner]), project)
    const partition = mergeConfig(inner).partition
    if (partition !== undefined && config.materialized !== 'incremental') {
      throw new KxError('KX_CONFIG_INVALID', `a ${config.materialized} has no partition`, {
        hint: "Drop partition, or set materialized='incremental'.",
      })
    }
    return config
  })
}

function placed<Result>(at: Place, act: () => Result): Result {
  try {
    return act()
  } catch (error) {
    throw withPlace(error, at)
  }
}

/** What only a model with partitions may use, and what config() below is_incremental() would have changed. */
function checkTime(config: ModelConfig, source: Rendered, answers: ReadonlySet<boolean>): void {
  const isIncremental = config.materialized === 'incremental'
  if (answers.has(!isIncremental)) {
    const site = source.usage.configCalls.at(-1)?.site
    throw new KxError('KX_CONFIG_INVALID', 'config() stands below is_incremental()', {
      hint: 'Move config() to the top of the file.',
      at: site === undefined ? source.trace.fallback : placeOf(site.template, site.at),
    })
  }
  if (isIncremental) return
  const message = (what: string) =>
    `a ${config.materialized} has no partitions, so ${what} means nothing in it`
  const previous = source.asked.find(({ edge }) => edge.kind === 'previous')
  if (previous !== undefined) {
    const at = placeOf(previous.site.template, previous.site.at)
    throw new KxError('KX_CONFIG_INVALID', message('previous()'), {
      hint: "Set materialized='incremental'.",
      at,
    })
  }
  if (source.rendered.parameters.length > 0) {
    throw new KxError('KX_CONFIG_INVALID', message('partition'), {
      hint: "Set materialized='incremental', or drop it.",
      at: source.trace.fallback,
    })
  }
}
