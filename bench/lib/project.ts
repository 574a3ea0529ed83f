import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { instruments } from './candles.ts'
import { type Database, urlOf } from './database.ts'
import { type Command, run } from './process.ts'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))

/** A built kx, and commands of it in a project. */
export interface Kx {
  readonly bundle: string
}

/** Bundles the sources as they are now, beside whatever is in dist/: nobody else's build comes between. */
export function buildKx(directory: string): Kx {
  mkdirSync(directory, { recursive: true })
  for (const name of ['src', 'node_modules', 'package.json']) {
    symlinkSync(join(REPOSITORY, name), join(directory, name))
  }
  run({ argv: ['node', join(REPOSITORY, 'scripts/build.js')], cwd: directory })
  return { bundle: join(directory, 'dist/kx.cjs') }
}

/** `node dist/kx.cjs …` in a project; on its embedded warehouse unless a database is given. */
export function kxCommand(
  { bundle }: Kx,
  project: string,
  args: readonly string[],
  database?: Database,
): Command {
  const env = database === undefined ? {} : { DATABASE_URL: urlOf(database) }
  return { argv: ['node', bundle, ...args], cwd: project, env }
}

/** A project with the models that kx ships and the bench's instruments. */
export function shippedProject(directory: string): string {
  for (const name of ['models', 'macros', 'tests']) {
    cpSync(join(REPOSITORY, name), join(directory, name), { recursive: true })
  }
  writeProjectYml(directory)
  return directory
}

/** A project with the shipped bronze contracts, macros and generic tests, and models of its own by path. */
export function projectOf(directory: string, models: ReadonlyMap<string, string>): string {
  for (const name of ['models/bronze', 'macros', 'tests/generic']) {
    cpSync(join(REPOSITORY, name), join(directory, name), { recursive: true })
  }
  for (const [path, text] of models) {
    const file = join(directory, 'models', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  writeProjectYml(directory)
  return directory
}

function writeProjectYml(directory: string): void {
  const lines = instruments.map(
    ({ exchange, nativeSymbol, symbol, quoteAsset }) =>
      `  - { exchange: ${exchange}, native_symbol: ${nativeSymbol}, symbol: ${symbol}, quote_asset: ${quoteAsset} }`,
  )
  writeFileSync(join(directory, 'project.yml'), ['name: bench', 'instruments:', ...lines, ''].join('\n'))
}
