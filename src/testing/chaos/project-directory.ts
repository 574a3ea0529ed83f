import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Instrument, StoreSettings } from '../../base/index.ts'

/** What the project of a rig says. */
export interface RigProject {
  readonly instruments: readonly Instrument[]
  /** Absolute. */
  readonly landingDirectory: string
  readonly store: StoreSettings
}

/** Writes a project with the shipped models into `directory`, on its own embedded warehouse. */
export function writeProject(directory: string, project: RigProject): void {
  mkdirSync(directory, { recursive: true })
  for (const folder of ['models', 'macros', 'tests'])
    cpSync(new URL(`../../../${folder}`, import.meta.url), join(directory, folder), { recursive: true })
  writeFileSync(join(directory, 'project.yml'), projectYml(project))
}

function projectYml({ instruments, landingDirectory, store }: RigProject): string {
  const listed = instruments.map(
    ({ exchange, nativeSymbol, symbol, quoteAsset, listedFromMs }) =>
      `  - { exchange: ${exchange}, native_symbol: ${nativeSymbol}, symbol: ${symbol}, quote_asset: ${quoteAsset}, listed_from: ${isoOf(listedFromMs)} }`,
  )
  return `name: rig
settle: 3m
max_lag: 90d
collect:
  landing: ${landingDirectory}
  port: 0
  s3: { bucket: ${store.bucket}, endpoint: "${store.endpoint}", path_style: true }
instruments:
${listed.join('\n')}
`
}

function isoOf(ms: number | undefined): string {
  return new Date(ms ?? 0).toISOString().replace('.000Z', 'Z')
}
