import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Rig } from '../rig.ts'

/** A part, uncompressed, wherever it is kept. */
export interface StoredPart {
  /** From `exchange=` or `dead-letters/` on, without `.gz`. */
  readonly path: string
  readonly content: Buffer
}

/** The parts of the local landing, by path. */
export function landedParts({ landingDirectory }: Pick<Rig, 'landingDirectory'>): Map<string, Buffer> {
  const names = readdirSync(landingDirectory, { recursive: true, encoding: 'utf8' })
  return new Map(
    names
      .filter((name) => name.endsWith('.jsonl'))
      .map((path) => [path, readFileSync(join(landingDirectory, path))]),
  )
}

/** The parts of the store, by path. */
export function uploadedParts({ store }: Pick<Rig, 'store'>): Map<string, Buffer> {
  return new Map(
    [...store.objects].map(([key, { body }]) => [key.replace(/\.gz$/, ''), gunzipSync(body)] as const),
  )
}

/** The lines of a part, without their ends. */
export function linesOf(content: Buffer): string[] {
  return content.length === 0 ? [] : content.toString('utf8').replace(/\n$/, '').split('\n')
}
