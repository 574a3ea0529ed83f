import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { KxError } from '../../base/index.ts'
import type { Contract, Project, TextFile, UnitTest } from '../model/index.ts'
import { openCache, type ParseCache } from './cache.ts'
import { checkNames } from './check-names.ts'
import { PROJECT_FILE } from './find-project.ts'
import { listFiles, readText } from './list-files.ts'
import type { ProjectYaml } from './parse-project.ts'
import { defaultTargetOf, type Env, type PrefixedSchemas, targetsOf } from './targets.ts'

export interface ReadOptions {
  /** For env_var() in targets. */
  readonly env: Env
  /** The target to use instead of project.yml's. */
  readonly targetOverride?: string
}

/**
 * Reads a project: project.yml, and every model, contract, macro, test and seed. Nothing is rendered. YAML that has
 * not changed since the last command comes from `.kx/cache/` and is not parsed.
 *
 * @throws {KxError} KX_PROJECT_NOT_FOUND, KX_PROJECT_INVALID, KX_CONTRACT_INVALID, KX_CONFIG_INVALID,
 *   KX_UNIT_TEST_INVALID, KX_NAME_TAKEN, KX_TARGET_UNKNOWN
 */
export async function readProject(directory: string, { env, targetOverride }: ReadOptions): Promise<Project> {
  const root = resolve(directory)
  if (!existsSync(join(root, PROJECT_FILE))) {
    throw new KxError('KX_PROJECT_NOT_FOUND', `there is no ${PROJECT_FILE} in ${root}`, {
      hint: 'Go to a project, or name one: --project-dir PATH.',
    })
  }
  const cache = openCache(root)
  const written = await readProjectYaml(root, cache)
  const files = await readFiles(root, cache)
  const targets = targetsOf(written, { env, file: PROJECT_FILE, schemas: schemasOf(files) })
  const { beginMs, settleMs, maxLagMs, name, vars, folderConfig, instruments, exchangeAliases } = written
  const project: Project = {
    name,
    directory: root,
    beginMs: beginMs ?? undefined,
    settleMs,
    maxLagMs,
    vars,
    folderConfig,
    targets,
    defaultTarget: defaultTargetOf(written, targets, targetOverride),
    instruments,
    exchangeAliases,
    collect: {
      ...written.collect,
      landingDirectory: resolve(root, written.collect.landingDirectory),
    },
    ...files,
  }
  cache.save()
  checkNames(project)
  return project
}

/** The schemas that a target's prefixes stand before. */
function schemasOf({ models }: ProjectFiles): PrefixedSchemas {
  const folders = new Set(models.map(({ file }) => file.split('/')[1] ?? ''))
  return { schema_prefix: ['kx', 'seeds', ...folders], source_prefix: ['kx', 'bronze'] }
}

function readProjectYaml(root: string, cache: ParseCache): Promise<ProjectYaml> {
  const file = readText(root, PROJECT_FILE)
  return cache.read(file, async () => (await import('./parse.ts')).parseProject(file))
}

type ProjectFiles = Pick<
  Project,
  'models' | 'contracts' | 'macros' | 'singularTests' | 'genericTests' | 'unitTests' | 'seeds'
>

async function readFiles(root: string, cache: ParseCache): Promise<ProjectFiles> {
  const texts = (files: readonly string[], ending: string): TextFile[] =>
    files.filter((file) => file.endsWith(ending)).map((file) => readText(root, file))
  const models = listFiles(root, 'models')
  const seeds = listFiles(root, 'seeds')
  const tests = listFiles(root, 'tests')
  const isGeneric = (file: string) => file.startsWith('tests/generic/')
  const isUnit = (file: string) => file.startsWith('tests/unit/')
  const contractFiles = [...models, ...seeds].filter(isYaml)
  return {
    models: texts(models, '.sql'),
    contracts: await readContracts(root, contractFiles, cache),
    macros: texts(listFiles(root, 'macros'), '.sql'),
    singularTests: texts(
      tests.filter((file) => !isGeneric(file) && !isUnit(file)),
      '.sql',
    ),
    genericTests: texts(tests.filter(isGeneric), '.sql'),
    unitTests: await readUnitTests(
      root,
      tests.filter((file) => isUnit(file) && isYaml(file)),
      cache,
    ),
    seeds: texts(seeds, '.csv'),
  }
}

function isYaml(file: string): boolean {
  return file.endsWith('.yml') || file.endsWith('.yaml')
}

async function readContracts(
  root: string,
  files: readonly string[],
  cache: ParseCache,
): Promise<ReadonlyMap<string, Contract>> {
  const contracts = new Map<string, Contract>()
  for (const path of files) {
    const file = readText(root, path)
    const contract = await cache.read(file, async () => (await import('./parse.ts')).parseContract(file))
    const stem = path.replace(/\.ya?ml$/, '')
    const other = contracts.get(stem)
    if (other !== undefined) {
      throw new KxError('KX_NAME_TAKEN', `${path} and ${other.file} are one contract`, {
        hint: 'Drop one of them.',
        at: { file: path },
      })
    }
    contracts.set(stem, contract)
  }
  return contracts
}

async function readUnitTests(root: string, files: readonly string[], cache: ParseCache): Promise<UnitTest[]> {
  const tests: UnitTest[] = []
  for (const path of files) {
    const file = readText(root, path)
    tests.push(...(await cache.read(file, async () => (await import('./parse.ts')).parseUnitTests(file))))
  }
  return tests
}
