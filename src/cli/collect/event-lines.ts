import type { CollectEvent } from '../../collector/status/collect-event.ts'
import type { SupervisorEvent } from '../../collector/supervise/supervisor.ts'
import { plural } from '../shared/format.ts'
import { bytesText } from './status-lines.ts'

/** What an operator reads of an event; undefined: nothing, it is shown another way. */
export function eventText(event: CollectEvent): string | undefined {
  switch (event.type) {
    case 'started':
      return `collecting with ${plural(event.workers.length, 'worker')}; health and metrics on http://127.0.0.1:${event.port}`
    case 'log': {
      const more = event.suppressed > 0 ? ` (and ${event.suppressed} more like it)` : ''
      return `${event.level === 'info' ? '' : `${event.level}: `}${event.message}${more}`
    }
    case 'worker':
      return workerText(event.event, namesOf(event))
    case 'stopping':
      return event.cause === 'signal' ? undefined : 'stopping: the duration is over'
    case 'stopped':
      return stoppedText(event)
    case 'status':
      return undefined
  }
}

function namesOf({ feeds }: Extract<CollectEvent, { type: 'worker' }>): string {
  return feeds.map(({ exchange, kind }) => `${exchange} ${kind}`).join(', ')
}

function workerText(event: SupervisorEvent, names: string): string {
  const worker = `worker ${event.worker} (${names})`
  switch (event.type) {
    case 'worker_started':
      return event.attempt === 0 ? `${worker} starts` : `${worker} starts, attempt ${event.attempt + 1}`
    case 'worker_crashed':
      return `warn: ${worker} ended by itself: ${event.how}`
    case 'worker_killed':
      return `warn: ${worker} was killed: it said nothing for 30 s`
    case 'worker_replaced':
      return `${worker} is too ${event.why}: worker ${event.by} takes over`
    case 'worker_failed':
      return `error: ${worker} fails again and again: tried every 15 minutes from now on`
    case 'worker_split':
      return `warn: ${worker} is never stable: its feeds are split over two workers`
    case 'worker_stopped':
      return `${worker} stopped`
  }
}

function stoppedText({ unloadedBytes, unuploadedBytes }: Extract<CollectEvent, { type: 'stopped' }>): string {
  const left = [
    ...(unloadedBytes > 0 ? [`${bytesText(unloadedBytes)} are not loaded`] : []),
    ...(unuploadedBytes > 0 ? [`${bytesText(unuploadedBytes)} are not uploaded`] : []),
  ]
  return left.length === 0 ? 'stopped' : `stopped; ${left.join(', ')} yet: the next start goes on with it`
}
