import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { firstFrames, lateFrames } from './deliveries.ts'
import { type LandingPart, landingParts } from './landing-lines.ts'
import type { MarketOptions } from './market.ts'

/** Files of one arrival, under a landing directory of their own. */
export interface Arrival {
  /** What to give to `kx load`. */
  readonly directory: string
  readonly files: number
  readonly lines: number
}

/** The simulated day as it reached the landing: on the day itself, and the next morning. */
export interface SimulatedLanding {
  readonly first: Arrival
  readonly late: Arrival
}

/**
 * Writes the simulated day as landing files under `directory`/first and `directory`/late, in Hive folders.
 *
 * The same options write the same bytes.
 */
export async function writeLanding(directory: string, options: MarketOptions): Promise<SimulatedLanding> {
  return {
    first: await writeParts(join(directory, 'first'), landingParts(firstFrames(options), options, 'day')),
    late: await writeParts(join(directory, 'late'), landingParts(lateFrames(options), options, 'morning')),
  }
}

async function writeParts(directory: string, parts: readonly LandingPart[]): Promise<Arrival> {
  let lines = 0
  for (const part of parts) {
    const file = join(directory, part.path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, `${part.lines.join('\n')}\n`)
    lines += part.lines.length
  }
  return { directory, files: parts.length, lines }
}
