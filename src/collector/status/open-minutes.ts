import type { RepairEvent } from '../repair/repair-event.ts'

/** What repair knows is open, by exchange. */
export interface OpenMinutes {
  note(event: RepairEvent): void
  minutesByExchange(): ReadonlyMap<string, number>
}

/** Nothing known yet. */
export function createOpenMinutes(): OpenMinutes {
  const minutes = new Map<string, number>()
  return {
    note(event) {
      if (event.type === 'open') minutes.set(event.exchange, event.minutes)
    },
    minutesByExchange: () => minutes,
  }
}
