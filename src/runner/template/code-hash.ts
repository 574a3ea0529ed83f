import { hashText } from '../../base/index.ts'
import type { ModelConfig } from '../model/index.ts'
import { meaningOf, tokenizeSql } from './sql-tokens.ts'

/**
 * The hash of what decides a model's rows: what its SQL means, windows and parents among it, and the config that
 * says how rows are written. Comments, layout, batch, settle, tags and severity are not in it.
 */
export function modelHash(meaning: string, config: ModelConfig): number {
  const { materialized, partition, strategy, uniqueKey, updateWhen, timeColumn } = config
  const condition = updateWhen === undefined ? null : meaningOf(tokenizeSql(updateWhen), (text) => text)
  return hashText(
    JSON.stringify([
      meaning,
      materialized,
      partition ?? null,
      strategy,
      uniqueKey,
      condition,
      timeColumn ?? null,
    ]),
  )
}
