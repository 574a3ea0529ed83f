export type { Assertion, GivenRows, UnitTest } from './assertion.ts'
export {
  checkConfig,
  isModelConfigKey,
  mergeConfig,
  modelConfig,
  parseTime,
  type WrittenConfig,
} from './config.ts'
export type { Column, Contract, TestUse } from './contract.ts'
export { type Csv, parseCsv } from './csv.ts'
export type {
  Binding,
  BoundParameter,
  Materialization,
  Model,
  ModelConfig,
  OnSchemaChange,
  RenderedSql,
  Seed,
  Source,
  Strategy,
} from './model.ts'
export type { Node } from './node.ts'
export type { Project, TargetConfig, TextFile } from './project.ts'
export { type Edge, formatWindow, parseWindow, type Window, windowRange } from './window.ts'
