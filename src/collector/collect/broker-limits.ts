import { type AddressLimits, limitsByAddress } from '../broker/limits.ts'
import { mapperOf } from '../exchange/index.ts'
import type { FeedPlan } from '../feed/feed.ts'

/** What exchanges publish for the addresses that these feeds use. */
export function brokerLimits(feeds: readonly FeedPlan[]): (address: string) => AddressLimits {
  return limitsByAddress(
    feeds.flatMap(({ exchange, settings }) => {
      const mapper = mapperOf(exchange)
      if (mapper === undefined) return []
      return [{ mapper, wsUrl: settings.wsUrl ?? mapper.wsUrl, restUrl: settings.restUrl ?? mapper.restUrl }]
    }),
  )
}
