import type { CollectSettings, Instrument } from '../../base/index.ts'
import type { UnitTest } from './assertion.ts'
import type { Contract } from './contract.ts'

/** A text file of the project. `file` is relative to the project directory, with `/`. */
export interface TextFile {
  readonly file: string
  readonly text: string
}

/** A target as project.yml writes it; env_var() is resolved, secrets stay in `connection` alone. */
export interface TargetConfig {
  readonly name: string
  readonly engine: 'embedded' | 'server'
  readonly schemaPrefix: string
  readonly sourcePrefix: string
  /** libpq names: host, port, user, password, dbname, sslmode, sslrootcert, …, or `url`. */
  readonly connection: Readonly<Record<string, string>>
}

/** A project as it was read: files and configuration, nothing rendered yet. */
export interface Project {
  readonly name: string
  /** Absolute. */
  readonly directory: string
  readonly beginMs: number | undefined
  readonly settleMs: number
  readonly maxLagMs: number
  readonly vars: Readonly<Record<string, unknown>>
  /** Config by folder, as under `models:` in project.yml; deeper folders win. */
  readonly folderConfig: readonly {
    readonly folder: readonly string[]
    readonly config: Readonly<Record<string, unknown>>
  }[]
  readonly targets: readonly TargetConfig[]
  readonly defaultTarget: string
  readonly instruments: readonly Instrument[]
  /** Other names of one venue, as files and feeds use them: `gateio` → `gate`. */
  readonly exchangeAliases?: Readonly<Record<string, string>>
  readonly collect: CollectSettings
  readonly models: readonly TextFile[]
  /** By the file they stand beside, without ending: `models/silver/fact_ohlcv`. */
  readonly contracts: ReadonlyMap<string, Contract>
  readonly macros: readonly TextFile[]
  readonly singularTests: readonly TextFile[]
  readonly genericTests: readonly TextFile[]
  readonly unitTests: readonly UnitTest[]
  readonly seeds: readonly TextFile[]
}
