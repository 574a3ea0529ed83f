import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, type ClockScale, scaledClock } from '../../base/index.ts'

/** One time for a simulator in this process and kx in others; only the collector's wall clock can be wrong. */
export interface SharedTime {
  readonly clock: Clock
  readonly factor: number
  /** For KX_CLOCK of commands that tell the right time. */
  readonly file: string
  /** For KX_CLOCK of the collector. */
  readonly collectorFile: string
  /** Sets the collector's wall clock so far ahead of everybody's, ms; its monotonic clock does not notice. */
  jump(skewMs: number): void
}

/** Starts a time in files below `directory`: `factor` times as fast as the machine's, from `atMs` on. */
export function sharedTime(
  directory: string,
  { factor, atMs }: { factor: number; atMs: number },
): SharedTime {
  const scale: ClockScale = { factor, realMs: Date.now(), atMs }
  const write = (name: string, content: ClockScale): string => {
    const path = join(directory, name)
    // Whoever looks finds one or the other, never half of one.
    writeFileSync(`${path}.tmp`, JSON.stringify(content))
    renameSync(`${path}.tmp`, path)
    return path
  }
  return {
    clock: scaledClock(() => scale),
    factor,
    file: write('clock.json', scale),
    collectorFile: write('collector-clock.json', scale),
    jump: (skewMs) => void write('collector-clock.json', { ...scale, skewMs }),
  }
}
