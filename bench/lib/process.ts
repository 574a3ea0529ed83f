import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A process to start: what it is, with which arguments, where, with which variables. */
export interface Command {
  readonly argv: readonly string[]
  readonly cwd?: string
  /** Beside PATH and HOME; nothing else of this process's environment is passed on. */
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Runs a command to its end and gives its stdout. @throws {Error} with its stderr if it fails. */
export function run(command: Command): string {
  return execute(command, 'pipe')
}

/** How long a command takes, ms, from before it is started until it is gone; its stdout goes nowhere. */
export function timeOf(command: Command): number {
  const startedMs = performance.now()
  execute(command, 'ignore')
  return performance.now() - startedMs
}

/** The most memory that a node process had, MB: its own high-water mark, read as it exits. */
export function peakMbOf({ argv: [node = 'node', ...args], ...command }: Command): number {
  const directory = mkdtempSync(join(tmpdir(), 'kx-bench-peak-'))
  const file = join(directory, 'peak')
  const hook = fileURLToPath(new URL('peak-hook.cjs', import.meta.url))
  try {
    execute(
      { ...command, argv: [node, '--require', hook, ...args], env: { ...command.env, KX_BENCH_PEAK: file } },
      'ignore',
    )
    return Number(readFileSync(file, 'utf8'))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** PATH and HOME, and what is given. */
export function environment(own: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = '', HOME = '/' } = process.env
  return { PATH, HOME, NO_COLOR: '1', ...own }
}

function execute({ argv, cwd, env, input }: Command, stdout: 'pipe' | 'ignore'): string {
  const [file = '', ...args] = argv
  const {
    status,
    signal,
    stdout: out,
    stderr,
    error,
  } = spawnSync(file, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: environment(env),
    input: input ?? '',
    stdio: ['pipe', stdout, 'pipe'],
    maxBuffer: 1 << 30,
    timeout: 900_000,
  })
  if (error) throw error
  if (status === 0) return out?.toString() ?? ''
  throw new Error(`${argv.slice(0, 6).join(' ')} … ended with ${status ?? signal}:\n${stderr}`)
}
