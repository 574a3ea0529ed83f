import { readdirSync, readFileSync } from 'node:fs'

/** A process whose command line names a bundle. */
export interface BundleProcess {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** Processes that run a program of `directory`, orphans too. */
export function processesOf(directory: string): BundleProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const command = textOf(`/proc/${name}/cmdline`).replaceAll('\0', ' ')
      if (!command.includes(directory)) return []
      // The name of the command stands in brackets and may hold anything.
      const parent = Number(
        textOf(`/proc/${name}/stat`)
          .replace(/^.*\) /, '')
          .split(' ')[1],
      )
      return [{ pid: Number(name), parent, command }]
    })
}

/** What a process has of memory, its share of shared pages counted; 0 once it is gone. */
export function pssBytesOf(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024
}

/** Whether it was there to be signalled. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

/** Whether it exists and is no zombie. */
export function isAlive(pid: number): boolean {
  const state = textOf(`/proc/${pid}/stat`).replace(/^.*\) /, '')[0]
  return state !== undefined && state !== 'Z' && state !== 'X'
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It ended while we looked.
    return ''
  }
}
