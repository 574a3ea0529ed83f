import type { Instrument } from '../../base/index.ts'
import { openDelivery } from '../delivery/index.ts'
import { mapperOf } from '../exchange/index.ts'
import type { StoredLetter } from './read-dead-letters.ts'
import type { Redelivery } from './replay-dead-letters.ts'

/**
 * Reads a dead letter with the mapper as it is now. It is a delivery of its own: it closes no row of another frame
 * and proves no silence before it.
 */
export function redeliver(letter: StoredLetter, instruments: readonly Instrument[]): Redelivery {
  const { exchange, feedId, sequence, receivedAtMs, monotonicNs, channel, frame } = letter
  const mapper = mapperOf(exchange)
  if (mapper === undefined) return { ok: false, reason: `kx has no mapper for ${exchange}` }
  if (channel !== mapper.channel)
    return { ok: false, reason: `of ${channel}: only frames of ${mapper.channel} are replayed` }
  const origin = { exchange, feedId, sequence, receivedAtMs, monotonicNs }
  const { parsed, lines } = openDelivery({ mapper, instruments }).take(frame, origin)
  return parsed.kind === 'malformed' ? { ok: false, reason: parsed.reason } : { ok: true, lines }
}
