import type { Clock } from '../../base/index.ts'
import type { RestClient, RestOutcome } from '../broker/rest-client.ts'
import type { Mapper } from '../exchange/index.ts'
import { type ClockOffset, OFFSET_SAMPLES } from './clock-offset.ts'

/** What it takes to ask an exchange what time it is. */
export interface OffsetOptions {
  readonly clock: Clock
  readonly mapper: Mapper
  readonly client: RestClient
  readonly restUrl: string
  readonly offset: ClockOffset
  readonly signal: AbortSignal
}

/** A Date header counts whole seconds, cut: on average it is half a second behind. */
const DATE_CUT_MS = 500

/**
 * Asks an exchange for its time, five times, and adds what it says to `offset`: by its own request where it has
 * one, else by the Date header of any. Where the WebSocket tells the time, nothing is asked.
 *
 * @throws the reason of `signal`, when it aborts
 */
export async function measureOffset(options: OffsetOptions): Promise<void> {
  const { clock, mapper, client, restUrl, offset, signal } = options
  if (mapper.doesPongTellTime) return
  const request = mapper.rest.time?.() ?? mapper.rest.symbols()
  const samples = mapper.rest.time === undefined ? 1 : OFFSET_SAMPLES
  for (let i = 0; i < samples; i++) {
    const outcome = await client.get(restUrl, request, {
      priority: 'live',
      signal,
      usedWeight: mapper.rest.usedWeight,
    })
    const serverMs = timeOf(mapper, outcome)
    if (!outcome.isAnswered || serverMs === undefined) return
    offset.add(serverMs - (clock.now() - outcome.elapsedMs / 2))
  }
}

function timeOf({ rest }: Mapper, outcome: RestOutcome): number | undefined {
  if (!outcome.isAnswered || outcome.status !== 200) return undefined
  const answer = rest.parseTime?.(outcome.body)
  if (answer?.ok) return answer.value
  return outcome.dateMs === undefined ? undefined : outcome.dateMs + DATE_CUT_MS
}
