import { resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { KxError, nearest } from '../../base/index.ts'
import {
  buildGraph,
  findProjectDirectory,
  type Graph,
  type Project,
  type RenderedProject,
  readProject,
  renderProject,
  selectNodes,
} from '../../runner/index.ts'
import {
  ledgerSchema,
  migrateLedger,
  openWarehouse,
  readLedgerStart,
  sourceLedgerSchema,
  type Target,
  type Warehouse,
} from '../../warehouse/index.ts'
import type { Io } from './io.ts'
import { seedReader } from './seeds.ts'
import { prepareSources } from './sources.ts'
import { withFrame } from './with-frame.ts'

/** Options that every command takes. */
export interface GlobalOptions {
  readonly projectDir?: string
  readonly target?: string
  readonly threads?: string
  readonly vars?: string
}

/** A project, read and rendered: all that needs no warehouse. */
export interface Workspace {
  readonly project: Project
  readonly rendered: RenderedProject
  /** Rows of a seed as SQL, by its id. */
  readonly seedSql: (id: string) => string
  readonly graph: Graph
  readonly target: Target
  /** The warehouse, if it was to be connected at once. */
  readonly connecting?: Promise<Warehouse> | undefined
}

/** How a workspace is opened. */
export interface WorkspaceOptions {
  /** Leave the tests of the project out of the graph until somebody asks for them. */
  readonly isWithoutTests?: boolean
  /** Begin to connect for this command while templates render: the server takes as long as they do. */
  readonly connect?: { readonly command: string; readonly threads: number }
}

/**
 * Reads and renders the project in --project-dir, here or above. Dispose it if it was told to connect.
 */
export async function openWorkspace(
  io: Io,
  options: GlobalOptions,
  { isWithoutTests = false, connect }: WorkspaceOptions = {},
): Promise<Workspace & AsyncDisposable> {
  const start = resolve(io.cwd, options.projectDir ?? '.')
  const directory = findProjectDirectory(start)
  const project = await withFrame(directory, () => readProject(directory, { env: io.env }))
  const target = await withFrame(directory, () => targetOf(project, io, options))
  const connecting = connect === undefined ? undefined : connectTo(target, io, connect)
  // What is under way goes out before rendering takes the thread.
  if (connecting !== undefined) await setImmediate()
  const close = async () => {
    const warehouse = await connecting?.catch(() => undefined)
    await warehouse?.[Symbol.asyncDispose]()
  }
  try {
    const { rendered, graph } = await withFrame(directory, () => {
      const rendered = renderProject(project, {
        vars: parseVars(options.vars),
        target: { name: target.name, schemaPrefix: target.schemaPrefix, engine: target.engine },
        env: io.env,
      })
      const { models, seeds, sources } = rendered
      const tests = isWithoutTests ? [] : rendered.tests
      return { rendered, graph: buildGraph({ models, seeds, sources, tests }) }
    })
    const seedSql = seedReader(project, rendered)
    return { project, rendered, seedSql, graph, target, connecting, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

function connectTo(
  target: Target,
  io: Pick<Io, 'env'>,
  { command, threads }: { readonly command: string; readonly threads: number },
): Promise<Warehouse> {
  const connecting = openWarehouse(target, {
    poolSize: threads + 2,
    applicationName: `kx ${command}`,
    env: io.env,
  })
  // Whoever awaits it hears of it; until then a refusal is nobody's.
  connecting.catch(() => undefined)
  return connecting
}

/** The same workspace with the project's tests in its graph. */
export function withTests<Given extends Workspace>(workspace: Given): Given {
  return { ...workspace, graph: buildGraph(workspace.rendered) }
}

/** The target named by --target, KX_TARGET or project.yml; DATABASE_URL stands in for the default one. */
export function targetOf(
  project: Project,
  io: Pick<Io, 'env'>,
  { target: wanted }: Pick<GlobalOptions, 'target'>,
): Target {
  const name = wanted ?? io.env.KX_TARGET ?? project.defaultTarget
  const config = project.targets.find((target) => target.name === name)
  const url = io.env.DATABASE_URL
  if (wanted === undefined && io.env.KX_TARGET === undefined && url !== undefined && url !== '') {
    return {
      name: 'DATABASE_URL',
      engine: 'server',
      schemaPrefix: '',
      sourcePrefix: '',
      connection: { url },
      projectDirectory: project.directory,
    }
  }
  if (config === undefined) {
    const names = project.targets.map((target) => target.name)
    const near = nearest(name, names)
    throw new KxError('KX_TARGET_UNKNOWN', `no target is called '${name}'`, {
      hint: near === undefined ? `Choose one of: ${names.join(', ')}.` : `Did you mean --target ${near}?`,
      at: { file: 'project.yml' },
    })
  }
  return { ...config, projectDirectory: project.directory }
}

/** `{"lookback": 3}` or `lookback=3,asset=BTC`. */
export function parseVars(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {}
  if (text.trim().startsWith('{')) {
    try {
      return JSON.parse(text) as Record<string, unknown>
    } catch (cause) {
      throw new KxError('KX_USAGE', `--vars is not JSON: ${text}`, {
        hint: `Write --vars '{"name": "value"}'.`,
        cause,
      })
    }
  }
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1)
        throw new KxError('KX_USAGE', `--vars '${text}' has no name=value`, {
          hint: `Write --vars name=value,other=value.`,
        })
      return [pair.slice(0, at).trim(), varOf(pair.slice(at + 1))]
    }),
  )
}

/** `false` is false: as a text it would be true in a template. */
function varOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

/** How many steps at a time: --threads, else the machine's cores up to 4. */
export function threadsOf(options: GlobalOptions, cores: number): number {
  if (options.threads === undefined) return Math.max(1, Math.min(4, cores))
  const threads = wholeNumber('--threads', options.threads) ?? 1
  if (threads > 64)
    throw new KxError('KX_USAGE', `--threads ${threads} is more than 64`, { hint: 'Write --threads 4.' })
  return threads
}

/**
 * The number that an option holds, from 1 up; undefined if it was not given.
 *
 * @throws {KxError} KX_USAGE
 */
export function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1) return value
  throw new KxError('KX_USAGE', `${option} ${text} is not a whole number from 1 up`, {
    hint: `Write ${option} 4.`,
  })
}

/** A workspace with its warehouse open, its ledger migrated and its sources in place. */
export interface OpenWorkspace extends Workspace, AsyncDisposable {
  readonly warehouse: Warehouse
}

/** Opens the warehouse of a workspace: ledger, bronze tables and instruments are brought up to date. */
export async function openWarehouseOf(
  workspace: Workspace,
  io: Pick<Io, 'env'>,
  { command, threads }: { command: string; threads: number },
): Promise<OpenWorkspace> {
  const { target } = workspace
  const warehouse = await (workspace.connecting ?? connectTo(target, io, { command, threads }))
  try {
    const start = await readLedgerStart(warehouse, target)
    if (!start.isCurrent) await migrateLedger(warehouse, sourceLedgerSchema(target))
    if (target.schemaPrefix !== target.sourcePrefix) await migrateLedger(warehouse, ledgerSchema(target))
    await prepareSources(warehouse, workspace, start)
  } catch (error) {
    await warehouse[Symbol.asyncDispose]()
    throw error
  }
  return { ...workspace, warehouse, [Symbol.asyncDispose]: () => warehouse[Symbol.asyncDispose]() }
}

/** What was selected, as the models that can be built. Warns of what matched nothing. */
export function selectModels(
  workspace: Workspace,
  io: Io,
  { select = [], exclude = [], strict }: { select?: string[]; exclude?: string[]; strict?: boolean },
): ReadonlySet<string> {
  const { ids, unmatched } = selectNodes(workspace.graph, { select, exclude })
  for (const term of unmatched) io.err(`warning: '${term}' matches nothing in this project`)
  const models = new Set(
    [...ids].filter((id) => {
      const node = workspace.graph.nodes.get(id)
      return node?.kind === 'seed' || (node?.kind === 'model' && node.config.materialized !== 'ephemeral')
    }),
  )
  if (models.size === 0 && strict) {
    throw new KxError('KX_SELECT_EMPTY', 'no model is selected', { hint: 'Run kx ls to see the names.' })
  }
  if (models.size === 0) io.err('warning: no model is selected')
  return models
}
