import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { inject, onTestFinished } from 'vitest'
import { findHome } from '../warehouse/engine/home.ts'
import { initialize } from '../warehouse/engine/initialize.ts'
import { stopServer } from '../warehouse/engine/lease.ts'
import type { Target } from '../warehouse/index.ts'

/** A data directory as kx makes it, made once for each test file. */
let seed: Promise<string> | undefined

/**
 * A target on an embedded warehouse in a directory of the test's own; stopped and removed when it is over. It has
 * a data directory and was never started, unless `isNew`.
 */
export async function anEmbeddedTarget({ mode = 0o755, isNew = false } = {}): Promise<Target> {
  const directory = mkdtempSync(join('/tmp', 'kx-project-'))
  chmodSync(directory, mode)
  onTestFinished(async () => {
    const home = findHome(directory, process.env)
    await stopServer(home)
    for (const path of [home.dataDirectory, home.socketDirectory, directory]) {
      rmSync(path, { recursive: true, force: true })
    }
  })
  if (!isNew) {
    seed ??= makeSeed()
    execFileSync('cp', ['-a', await seed, findHome(directory, process.env).dataDirectory])
  }
  return {
    name: 'dev',
    engine: 'embedded',
    schemaPrefix: '',
    sourcePrefix: '',
    connection: {},
    projectDirectory: directory,
  }
}

async function makeSeed(): Promise<string> {
  const directory = mkdtempSync(join(inject('kxTestDirectory'), 'seed-'))
  chmodSync(directory, 0o755)
  const home = findHome(directory, process.env)
  await initialize(home, { isSynced: false })
  return home.dataDirectory
}
