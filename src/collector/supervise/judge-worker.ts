/** What is known of a running worker. */
export interface WorkerSigns {
  readonly kind: 'candles' | 'ticks'
  /** Since its process was started, ms. */
  readonly ageMs: number
  /** Since its last status message, or its start, ms. */
  readonly silentMs: number
  /** The same by the machine's own clock, which a scaled one outruns. */
  readonly silentMachineMs: number
  /** Undefined: not said yet. */
  readonly residentBytes: number | undefined
}

/** Why a worker shall not go on: `silent` is killed; `large` and `old` are replaced by one that overlaps. */
export type Verdict = 'silent' | 'large' | 'old'

const SILENT_MS = 30_000
/** However fast a scaled clock runs, a process needs real time to speak. */
const SILENT_MACHINE_MS = 10_000
const OLD_MS = 7 * 86_400_000
/** A process this young was as large as it is from the start: another one would be, too. */
const YOUNG_MS = 600_000
const MIB = 1_048_576
const MOST_BYTES = { candles: 300 * MIB, ticks: 512 * MIB } as const

/** What speaks against a worker; undefined: nothing. */
export function judgeWorker(signs: WorkerSigns): Verdict | undefined {
  if (signs.silentMs > SILENT_MS && signs.silentMachineMs > SILENT_MACHINE_MS) return 'silent'
  if (signs.ageMs > OLD_MS) return 'old'
  const isLarge = (signs.residentBytes ?? 0) > MOST_BYTES[signs.kind]
  return isLarge && signs.ageMs > YOUNG_MS ? 'large' : undefined
}
