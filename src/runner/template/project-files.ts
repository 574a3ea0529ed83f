import { hashText } from '../../base/index.ts'
import type { Contract, Project, Seed, Source, TextFile } from '../model/index.ts'
import type { ProjectIndex, RelationEntry } from './project-index.ts'

/** A model's file with what its path says. */
export interface ModelFile {
  readonly file: TextFile
  readonly entry: RelationEntry
  readonly fqn: readonly string[]
  readonly contract: Contract | undefined
}

/** Schema of every seed. */
const SEED_SCHEMA = 'seeds'

/** Models by id: the first folder is the schema, the file's name the model's. */
export function modelFiles({ models, contracts }: Project): ModelFile[] {
  return models
    .map((file) => {
      const stem = file.file.replace(/\.sql$/, '')
      const fqn = stem.split('/').slice(1)
      return { file, entry: entryOf(fqn[0] ?? '', fqn.at(-1) ?? ''), fqn, contract: contracts.get(stem) }
    })
    .sort((a, b) => (a.entry.id < b.entry.id ? -1 : 1))
}

export function seedsOf({ seeds, contracts }: Project): Seed[] {
  return seeds.map(({ file, text }) => {
    const stem = file.replace(/\.csv$/, '')
    const fqn = stem.split('/').slice(1)
    const contract = contracts.get(stem)
    return {
      kind: 'seed',
      ...entryOf(SEED_SCHEMA, fqn.at(-1) ?? ''),
      fqn: [SEED_SCHEMA, ...fqn],
      file,
      contract,
      contractFile: contract?.file,
      tags: contract?.tags ?? [],
      contentHash: hashText(text),
    }
  })
}

/** Contracts without a model or seed beside them. */
export function sourcesOf({ models, seeds, contracts }: Project): Source[] {
  const owned = new Set([...models, ...seeds].map(({ file }) => file.replace(/\.\w+$/, '')))
  return [...contracts]
    .filter(([stem]) => !owned.has(stem))
    .map(([stem, contract]): Source => {
      const fqn = stem.split('/').slice(1)
      const entry = entryOf(fqn[0] ?? '', fqn.at(-1) ?? '')
      return { kind: 'source', ...entry, fqn, file: contract.file, contract, tags: contract.tags }
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

export function indexOf(
  models: readonly ModelFile[],
  seeds: readonly Seed[],
  sources: readonly Source[],
): ProjectIndex {
  const entries = [...models.map(({ entry }) => entry), ...seeds]
  return {
    relations: new Map(entries.map((entry) => [entry.name, entry])),
    sources: new Map(sources.map((source) => [source.id, source])),
  }
}

function entryOf(schema: string, name: string): RelationEntry {
  return { id: `${schema}.${name}`, schema, name }
}
