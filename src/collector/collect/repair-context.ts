import { type Clock, type Instrument, KxError } from '../../base/index.ts'
import type { Warehouse } from '../../warehouse/index.ts'
import type { Broker } from '../broker/broker.ts'
import { createRestClient } from '../broker/rest-client.ts'
import type { AskContext, RepairExchange } from '../repair/asker.ts'
import type { Bronze } from '../repair/bronze-reader.ts'
import type { CollectorInput } from './collector-input.ts'
import type { Loader } from './load-loop.ts'
import type { OwnLanding } from './own-landing.ts'
import { repairExchanges } from './repair-exchanges.ts'

/** Through what a collector repairs. */
export interface RepairSources {
  readonly input: Pick<CollectorInput, 'clock' | 'bronze' | 'feeds'>
  readonly base: { readonly broker: Broker; readonly readers: { readonly loader: Loader | undefined } }
  readonly collector: { readonly landing: Pick<OwnLanding, 'land' | 'nextFeedId'> }
}

/** Everything that asking for missing candles needs, but a signal. */
export interface RepairContext extends Omit<AskContext, 'signal'>, Bronze {
  readonly clock: Clock
  readonly instruments: readonly Instrument[]
  readonly exchanges: readonly RepairExchange[]
}

/** How a collector asks for missing candles; undefined: it collects none, or has no warehouse to look into. */
export function repairContext({ input, base, collector }: RepairSources): RepairContext | undefined {
  const { clock, bronze } = input
  const { loader } = base.readers
  const feeds = input.feeds.filter(({ kind }) => kind === 'candles')
  if (!loader || !bronze || feeds.length === 0) return undefined
  return {
    clock,
    table: { schema: 'bronze', name: 'ohlcv_native' },
    warehouse: { target: bronze.target, query: (...asked) => warehouseOf(loader).query(...asked) },
    instruments: feeds.flatMap(({ instruments }): readonly Instrument[] => instruments),
    exchanges: repairExchanges(feeds),
    client: createRestClient({ broker: base.broker, clock }),
    land: collector.landing.land,
    nextFeedId: collector.landing.nextFeedId,
  }
}

function warehouseOf(loader: Loader): Warehouse {
  const bronze = loader.bronze()
  if (bronze) return bronze.warehouse
  throw new KxError('KX_WAREHOUSE_UNREACHABLE', 'the warehouse is away', {
    hint: 'It is tried again by itself.',
  })
}
