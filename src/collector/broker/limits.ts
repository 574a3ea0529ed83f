import type { Mapper } from '../exchange/mapper.ts'
import { addressOf } from './address.ts'
import type { PublishedLimit } from './budget.ts'

/** What an exchange publishes for one address. */
export interface AddressLimits {
  readonly rest: PublishedLimit
  readonly connect: PublishedLimit
}

/** Of an address that no mapper knows, such as those of CCXT's exchanges: a call a second, a connect every 5 s. */
const UNKNOWN: AddressLimits = {
  rest: { weight: 60, perMs: 60_000 },
  connect: { weight: 60, perMs: 300_000 },
}

/** The limits of addresses at which exchanges are asked; careful ones for others. */
export function limitsByAddress(
  exchanges: readonly {
    readonly mapper: Pick<Mapper, 'limits' | 'rest'>
    readonly restUrl: string
    readonly wsUrl: string
  }[],
): (address: string) => AddressLimits {
  const known = new Map(
    exchanges.flatMap(({ mapper, restUrl, wsUrl }) => {
      const { count, perMs } = mapper.limits.connects
      const limits = { rest: mapper.rest.budget, connect: { weight: count, perMs } }
      return [restUrl, wsUrl].map((url) => [addressOf(url), limits] as const)
    }),
  )
  return (address) => known.get(address) ?? UNKNOWN
}
