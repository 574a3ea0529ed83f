import { expect, test } from 'vitest'
import type { Direction } from '../cut-proxy.ts'
import { cutPoints } from './cut-points.ts'
import { disturb, inTime } from './disturb.ts'
import { aSmallMarket, type SmallMarket } from './small-market.ts'

/** Beside those around commits. */
const SAMPLE = 12

const ALL_MS = 600_000

/** Cuts the connection; kx may try again and succeed, or say that the warehouse is out of reach. */
function cutting(market: SmallMarket, command: 'load' | 'run', direction: Direction) {
  return async (before: number) => {
    market.proxy.arm({ direction, before })
    const { code, lines } = await inTime(market[command]('proxied'))
    return code === 0 || code === 3 ? [] : [`exit ${code}: ${lines.join('\n')}`]
  }
}

test.each(['toServer', 'toClient'] as const)(
  'a load cut %s leaves data and ledger agreeing, and the next one finishes',
  async (direction) => {
    const market = await aSmallMarket()

    const faults = await disturb({
      market,
      command: 'load',
      direction,
      points: () => cutPoints(market.proxy, direction, SAMPLE),
      strike: cutting(market, 'load', direction),
    })

    expect(faults).toEqual([])
  },
  ALL_MS,
)

test.each(['toServer', 'toClient'] as const)(
  'a run cut %s leaves data and ledger agreeing, and the next one finishes',
  async (direction) => {
    const market = await aSmallMarket()
    await market.load('direct')

    const faults = await disturb({
      market,
      command: 'run',
      direction,
      points: () => cutPoints(market.proxy, direction, SAMPLE),
      strike: cutting(market, 'run', direction),
    })

    expect(faults).toEqual([])
  },
  ALL_MS,
)
