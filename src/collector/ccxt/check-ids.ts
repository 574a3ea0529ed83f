import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { KxError, nearest } from '../../base/index.ts'
import type { FeedPlan } from '../feed/feed.ts'

/** CCXT's names of exchanges it has a WebSocket for, without loading it: it has one file for each. */
export function ccxtIds(): string[] {
  const entry = createRequire(import.meta.url).resolve('ccxt')
  return readdirSync(join(dirname(entry), '../js/src/pro'))
    .filter((name) => name.endsWith('.js'))
    .map((name) => name.slice(0, -'.js'.length))
}

/**
 * Sees to it that CCXT knows every exchange whose ticks are to be collected.
 *
 * @throws {KxError} KX_EXCHANGE_UNKNOWN at the place in project.yml
 */
export function checkTickExchanges(feeds: readonly FeedPlan[]): void {
  const ticks = feeds.filter(({ kind }) => kind === 'ticks')
  if (ticks.length === 0) return
  const known = knownIds()
  for (const { settings } of ticks) {
    const id = settings.ticks?.ccxtId
    if (id !== undefined && known !== undefined && !known.includes(id)) {
      throw unknownExchange(id, known, settings.ticks?.at)
    }
  }
}

/** CCXT has no WebSocket for an exchange. */
export function unknownExchange(id: string, known: readonly string[], at?: KxError['at']): KxError {
  const near = nearest(id, known)
  return new KxError('KX_EXCHANGE_UNKNOWN', `CCXT has no WebSocket for an exchange '${id}'`, {
    hint:
      near === undefined ? 'Give its CCXT name as ticks.ccxt_id.' : `Did you mean ticks.ccxt_id: ${near}?`,
    ...(at && { at }),
  })
}

/** Undefined: CCXT is laid out in another way; then it says so itself, once it is loaded. */
function knownIds(): string[] | undefined {
  try {
    return ccxtIds()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}
