import { setFlagsFromString } from 'node:v8'

/**
 * Lets this process collect its garbage when the heap has grown by a tenth or 2 MB, not when it is four times what
 * lives: a process that runs for months has little to do, and what V8 lets lie looks like a leak, and hides one.
 */
export function keepHeapSmall(): void {
  // V8 asks both at each collection. Given at the start, the first would also leave young garbage no room.
  setFlagsFromString('--optimize-for-size')
  setFlagsFromString('--heap-growing-percent=10')
}

/**
 * Between interpreted and optimised code V8 makes baseline code: of a collector over a megabyte a process, most of it
 * the first time that an hour ends. What runs often is optimised without it. Not on the command line: a Node that does
 * not know the flag would not start.
 */
export function keepCodeSmall(): void {
  setFlagsFromString('--no-sparkplug')
}

/**
 * Of a worker's command line. With its heap's limit a worker that leaks ends by itself before it takes the machine with
 * it. Node has four threads that compile and collect garbage, and each keeps the megabyte that it once needed: one is
 * enough for candles. CCXT has more to do, and is larger than all of that.
 */
export const WORKER_FLAGS = {
  candles: ['--max-old-space-size=256', '--v8-pool-size=1'],
  ticks: ['--max-old-space-size=448'],
} as const
