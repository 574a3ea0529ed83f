import type { Warehouse } from '../../warehouse/index.ts'
import type { Direction } from '../cut-proxy.ts'
import { checkAgreement, checksums } from './agreement.ts'
import type { Ended, SmallMarket } from './small-market.ts'

/** What is disturbed, and how. */
export interface Disturbance {
  readonly market: SmallMarket
  readonly command: 'load' | 'run'
  readonly direction: Direction
  /** Takes the warehouse back to before the command. */
  readonly forget: (warehouse: Warehouse) => Promise<void>
  /** Before which messages of the proxy's last trace. */
  readonly points: () => readonly number[]
  /** Runs the command through the proxy, disturbed before a message; gives what was wrong with how it ended. */
  readonly strike: (before: number) => Promise<readonly string[]>
}

/** A command that takes longer hangs. */
const HANG_MS = 20_000

/**
 * Disturbs a command at one point after the other, from the same beginning each time. After each, data and
 * ledger must agree, and the next command must leave what an undisturbed one leaves.
 *
 * @returns what was not so, by message
 */
export async function disturb({
  market,
  command,
  direction,
  forget,
  points,
  strike,
}: Disturbance): Promise<string[]> {
  const { proxy, warehouse } = market
  // Twice: the first one also remembers what it need not look for again.
  await market[command]('proxied')
  await forget(warehouse)
  proxy.arm()
  await market[command]('proxied')
  const expected = JSON.stringify(await checksums(warehouse))
  const messages = proxy.trace(direction).length
  const faults: string[] = []
  for (const before of points()) {
    await forget(warehouse)
    const found = [...(await strike(before))]
    if (!proxy.isCut) found.push('nothing was cut')
    found.push(...(await checkAgreement(warehouse)))
    const next = await inTime(market[command]('direct'))
    if (next.code !== 0) found.push(`the next ${command}: exit ${next.code}: ${next.lines.join('\n')}`)
    if (JSON.stringify(await checksums(warehouse)) !== expected) found.push('another result')
    faults.push(...found.map((fault) => `${direction} ${before} of ${messages}: ${fault}`))
  }
  return faults
}

/** The end of a command; one that hangs ends with -1. */
export async function inTime(command: Promise<Ended>): Promise<Ended> {
  let timer: NodeJS.Timeout | undefined
  const hang = new Promise<Ended>((resolve) => {
    timer = setTimeout(() => resolve({ code: -1, lines: [`no end within ${HANG_MS} ms`] }), HANG_MS)
  })
  return await Promise.race([command, hang]).finally(() => clearTimeout(timer))
}
