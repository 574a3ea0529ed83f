import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'
import { bundleKx, type KxBundle } from '../chaos/kx-bundle.ts'
import type { Ended } from './small-market.ts'

/** A kx of its own process. */
export interface KxChild {
  readonly kill: (signal: NodeJS.Signals) => void
  /** How it ended; -1 if by a signal. */
  readonly ended: Promise<Ended>
}

/** The command line as it ships, or a load in small transactions: `DIRECTORY TARGET CHUNK_ROWS`. */
type Program = 'kx' | 'load-child'

let bundle: Promise<KxBundle> | undefined
afterAll(async () => {
  if (bundle !== undefined) (await bundle)[Symbol.dispose]()
})

/** Starts a program in a directory; it is killed if it outlives the test. */
export async function aKxChild(program: Program, args: readonly string[], cwd: string): Promise<KxChild> {
  bundle ??= bundleKx({ 'load-child': 'src/testing/acceptance/load-child.ts' })
  const file = join((await bundle).directory, `${program}.cjs`)
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
