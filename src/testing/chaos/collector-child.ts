import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { signal } from './processes.ts'

/** `kx` in a process of its own. What it says goes into a file. */
export interface KxProcess {
  readonly pid: number
  readonly logFile: string
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  hasEnded(): boolean
  signal(name: NodeJS.Signals): void
  /** All that it said so far. */
  log(): string
}

/** How it is started. */
export interface KxCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly logFile: string
}

/** Starts a command of kx. */
export function startKx({ program, args, cwd, env, logFile }: KxCommand): KxProcess {
  const log = openSync(logFile, 'a')
  const child = spawn(process.execPath, [program, ...args], { cwd, env, stdio: ['ignore', log, log] })
  closeSync(log)
  const ended = endOf(child)
  let hasEnded = false
  void ended.then(() => {
    hasEnded = true
  })
  const pid = child.pid ?? 0
  return {
    pid,
    logFile,
    ended,
    hasEnded: () => hasEnded,
    signal: (name) => void (pid > 0 && !hasEnded && signal(pid, name)),
    log: () => readFileSync(logFile, 'utf8'),
  }
}

function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, name) => resolve(code ?? name ?? -1))
  })
}
