import type { Instrument } from '../../base/index.ts'
import type { AskContext, RepairExchange } from './asker.ts'
import type { Bronze } from './bronze-reader.ts'

/** What the repair of a running collector needs. */
export interface RepairInput extends AskContext, Bronze {
  /** Whose candles are collected; those of exchanges that are not in `exchanges` are left out. */
  readonly instruments: readonly Instrument[]
  readonly exchanges: readonly RepairExchange[]
  /**
   * Minutes from here on are repaired by themselves, ms: when collecting first began, at most a few days ago. What is
   * older is for `kx backfill`.
   */
  readonly sinceMs: number
  /** How long after its end an hour is reported, ms: project.yml's `settle`. */
  readonly settleMs: number
  /**
   * Whether all that the landing has is in bronze, but for the last seconds. While it is not, bronze does not show
   * what is missing, and nothing is asked for, at most 10 minutes. Left out: it always is.
   */
  readonly isLoaded?: () => boolean
}
