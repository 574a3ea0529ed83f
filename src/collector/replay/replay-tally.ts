import type { ReplayedFrame } from './replay-recording.ts'

/** What a replay came to. Plain JSON. */
export interface ReplayTally {
  frames: number
  /** Frames by what they are: `candles`, `heartbeat`, `acknowledged`, `rejected`, `malformed`, … */
  readonly frames_by_kind: Record<string, number>
  /** Lines for the landing, derived ones included. */
  records: number
  readonly records_by_channel: Record<string, number>
  readonly records_by_symbol: Record<string, number>
  /** Minutes that a row of the exchange makes final. */
  final: number
  /** Minutes proven quiet by silence. */
  quiet: number
  dead_letters: number
}

/** Counts frame after frame. */
export interface TallyCounter {
  add(frame: ReplayedFrame): void
  tally(): ReplayTally
}

/** Nothing is counted yet. */
export function tallyCounter(): TallyCounter {
  const tally: ReplayTally = {
    frames: 0,
    frames_by_kind: {},
    records: 0,
    records_by_channel: {},
    records_by_symbol: {},
    final: 0,
    quiet: 0,
    dead_letters: 0,
  }
  return {
    add({ parsed, lines }) {
      tally.frames++
      add(tally.frames_by_kind, parsed.kind)
      if (parsed.kind === 'malformed') tally.dead_letters += lines.length
      else for (const { text } of lines) addRecord(tally, JSON.parse(text) as Line)
    },
    tally: () => tally,
  }
}

interface Line {
  readonly channel: string
  readonly proof: 'sent' | 'silence' | null
  readonly fields: { readonly native_symbol: string }
}

function addRecord(tally: ReplayTally, { channel, proof, fields }: Line): void {
  tally.records++
  add(tally.records_by_channel, channel)
  add(tally.records_by_symbol, fields.native_symbol)
  if (proof === 'sent') tally.final++
  if (proof === 'silence') tally.quiet++
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
