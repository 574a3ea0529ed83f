import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url))
const CACHE = join(REPOSITORY, 'node_modules/.cache')

/** kx as it ships: one bundle that finds the packages it does not hold. */
export interface KxBundle extends Disposable {
  readonly directory: string
  /** To run with node. */
  readonly program: string
}

/** Bundles the sources as they are now, and other programs by name beside them. */
export async function bundleKx(others: Readonly<Record<string, string>> = {}): Promise<KxBundle> {
  mkdirSync(CACHE, { recursive: true })
  const directory = mkdtempSync(join(CACHE, 'kx-rig-'))
  const more = Object.entries(others).map(([name, file]) => `${name}=${file}`)
  const build = ['scripts/build.js', directory, ...more]
  await promisify(execFile)(process.execPath, build, { cwd: REPOSITORY })
  return {
    directory,
    program: join(directory, 'kx.cjs'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  }
}
