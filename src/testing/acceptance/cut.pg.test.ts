import { expect, test } from 'vitest'
import type { Direction } from '../cut-proxy.ts'
import { checkAgreement } from './agreement.ts'
import { cutPoints } from './cut-points.ts'
import { disturb, inTime } from './disturb.ts'
import { forgetLoads, forgetRuns, spoilRuns } from './forget.ts'
import { aSmallMarket, type SmallMarket } from './small-market.ts'

/** Beside those around commits. */
const SAMPLE = 8

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
      forget: forgetLoads,
      direction,
      points: () => cutPoints(market.proxy, direction, SAMPLE),
      strike: cutting(market, 'load', direction),
    })

    expect(faults).toEqual([])
  },
  ALL_MS,
)

test.each([
  ['a first run', 'toServer', forgetRuns],
  ['a first run', 'toClient', forgetRuns],
  ['a repair', 'toServer', spoilRuns],
  ['a repair', 'toClient', spoilRuns],
] as const)(
  '%s cut %s leaves data and ledger agreeing, and the next one finishes',
  async (_name, direction, forget) => {
    const market = await aSmallMarket()
    await market.load('direct')

    const faults = await disturb({
      market,
      command: 'run',
      forget,
      direction,
      points: () => cutPoints(market.proxy, direction, SAMPLE),
      strike: cutting(market, 'run', direction),
    })

    expect(faults).toEqual([])
  },
  ALL_MS,
)

test(
  'rows that fail a blocking assertion are kept once, however often their step is tried again',
  async () => {
    const market = await aSmallMarket()
    market.write({
      'tests/volume_is_positive.sql': `{{ config(blocking=true) }}
select * from {{ ref('minute') }} where interval_start = '2024-05-01T01:07Z'`,
    })
    await market.load('direct')
    await market.run('proxied')
    await forgetRuns(market.warehouse)
    market.proxy.arm()
    await market.run('proxied')
    const points = cutPoints(market.proxy, 'toClient', 0)

    for (const before of points) {
      await forgetRuns(market.warehouse)
      market.proxy.arm({ direction: 'toClient', before })
      const { code, lines } = await inTime(market.run('proxied'))
      expect([1, 3], `${before}: ${lines.join('\n')}`).toContain(code)
      const next = await market.run('direct')
      expect(next.code).toBe(1)
      const { rows } = await market.warehouse.query(
        `select run_id, range_start, range_end, row, count(*) as n from kx_audit.volume_is_positive
group by run_id, range_start, range_end, row having count(*) > 1`,
      )
      expect(rows, `before message ${before}`).toEqual([])
      expect(await checkAgreement(market.warehouse), `before message ${before}`).toEqual([])
    }
  },
  ALL_MS,
)
