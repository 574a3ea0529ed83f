import { KxError, nearest } from '../../base/index.ts'
import type { Project } from '../model/index.ts'

const NAME = /^[a-z_][a-z0-9_]*$/
/** PostgreSQL cuts longer names. */
const LONGEST_NAME = 63

/**
 * Checks what no file knows alone: names, and what stands beside what.
 *
 * @throws {KxError} KX_PROJECT_INVALID, KX_NAME_TAKEN, KX_CONTRACT_INVALID, KX_UNIT_TEST_INVALID
 */
export function checkNames(project: Project): void {
  const relations = new Map<string, string>()
  for (const { file } of project.models) addName(relations, file, ['models', 'schema', 'name'])
  for (const { file } of project.seeds) addName(relations, file, ['seeds', 'name'])
  checkContracts(project)
  checkFolders(project)
  checkUnitTests(project, new Set(relations.keys()))
}

function addName(filesByName: Map<string, string>, file: string, shape: readonly string[]): void {
  const parts = stemOf(file).split('/')
  if (parts.length < shape.length) {
    throw new KxError('KX_PROJECT_INVALID', `${file} lies in no folder that names its schema`, {
      hint: `Move it, for instance to models/silver/${parts.at(-1)}.sql.`,
      at: { file },
    })
  }
  const name = parts.at(-1) ?? ''
  for (const part of [name, ...(shape.includes('schema') ? parts.slice(1, 2) : [])]) checkName(part, file)
  const other = filesByName.get(name)
  if (other !== undefined) {
    throw new KxError('KX_NAME_TAKEN', `${file} and ${other} have one name`, {
      hint: 'Rename one of them: ref() finds models and seeds by name.',
      at: { file },
    })
  }
  filesByName.set(name, file)
}

function checkName(name: string, file: string): void {
  if (NAME.test(name) && name.length <= LONGEST_NAME) return
  throw new KxError('KX_PROJECT_INVALID', `'${name}' cannot name a table or schema`, {
    hint: `Use up to ${LONGEST_NAME} lower-case letters, digits and underscores.`,
    at: { file },
  })
}

function stemOf(file: string): string {
  return file.replace(/\.\w+$/, '')
}

/** A contract stands beside a model or seed, or under models/bronze, where it declares a source. */
function checkContracts({ models, seeds, contracts }: Project): void {
  const owners = new Set([...models, ...seeds].map(({ file }) => stemOf(file)))
  const sources = new Map<string, string>()
  for (const [stem, { file, timeColumn, validRange }] of contracts) {
    if (owners.has(stem)) continue
    if (!stem.startsWith('models/bronze/')) {
      const suggestion = nearest(stem, owners)
      throw new KxError('KX_CONTRACT_INVALID', `${file} has no model beside it`, {
        hint: suggestion ? `Rename it to ${suggestion}.yml.` : `Write ${stem}.sql, or drop the contract.`,
        at: { file },
      })
    }
    addName(sources, file, ['models', 'schema', 'name'])
    if (timeColumn !== undefined && validRange !== undefined) {
      throw new KxError('KX_CONTRACT_INVALID', `${file} has a time_column and a valid_range`, {
        hint: 'Keep the one that places its rows in time.',
        at: { file },
      })
    }
  }
}

/** Folders under `models:` in project.yml that hold no model are mistyped. */
function checkFolders({ models, folderConfig }: Project): void {
  const paths = new Set(
    models.flatMap(({ file }) => {
      const parts = stemOf(file).split('/').slice(1)
      return parts.map((_, i) => parts.slice(0, i + 1).join('/'))
    }),
  )
  if (paths.size === 0) return
  for (const { folder } of folderConfig) {
    const path = folder.join('/')
    if (path === '' || path === 'bronze' || paths.has(path)) continue
    const suggestion = nearest(path, paths)
    throw new KxError(
      'KX_PROJECT_INVALID',
      `models: in project.yml names '${path}', and there is no such folder`,
      {
        hint: suggestion ? `Did you mean ${suggestion}?` : `Create models/${path}, or drop it.`,
        at: { file: 'project.yml' },
      },
    )
  }
}

function checkUnitTests({ unitTests, models }: Project, names: ReadonlySet<string>): void {
  const ids = new Set(
    models.map(({ file }) => stemOf(file).split('/').slice(1)).map((parts) => `${parts[0]}.${parts.at(-1)}`),
  )
  const filesByName = new Map<string, string>()
  for (const { name, model, at } of unitTests) {
    const other = filesByName.get(name)
    if (other !== undefined) {
      throw new KxError('KX_NAME_TAKEN', `the unit test ${name} is already in ${other}`, {
        hint: 'Rename one of them.',
        at,
      })
    }
    filesByName.set(name, at.file)
    if (names.has(model) || ids.has(model)) continue
    const suggestion = nearest(model, names)
    throw new KxError('KX_UNIT_TEST_INVALID', `the unit test ${name} tests '${model}', which is no model`, {
      hint: suggestion ? `Did you mean ${suggestion}?` : 'Name a model.',
      at,
    })
  }
}
