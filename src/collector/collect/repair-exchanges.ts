import { mapperOf } from '../exchange/index.ts'
import type { FeedPlan } from '../feed/feed.ts'
import type { RepairExchange } from '../repair/asker.ts'

/** The exchanges of these feeds that kx can ask for candles. */
export function repairExchanges(feeds: readonly FeedPlan[]): RepairExchange[] {
  return feeds
    .filter(({ kind }) => kind === 'candles')
    .flatMap(({ exchange, settings }) => {
      const mapper = mapperOf(exchange)
      return mapper === undefined ? [] : [{ mapper, restUrl: settings.restUrl ?? mapper.restUrl }]
    })
}
