import type { Kx } from './project.ts'
import type { Server } from './server.ts'

/** What every measure is given. */
export interface Bench {
  readonly kx: Kx
  readonly server: Server
  /** Repetitions of what takes seconds at most. */
  readonly rounds: number
  /** Repetitions of what takes minutes. */
  readonly longRounds: number
  /** A new directory that goes with the bench. */
  directoryFor(name: string): string
}
