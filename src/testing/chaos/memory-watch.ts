import { systemClock } from '../../base/index.ts'
import type { Exchanges } from './exchanges.ts'
import { collectorProcesses } from './keep-collector.ts'
import { pssBytesOf } from './processes.ts'
import type { Rig } from './rig.ts'

/** Memory of all collector processes together (PSS), looked at again and again. */
export interface MemoryWatch extends AsyncDisposable {
  /** Most at one look, bytes. */
  peakBytes(): number
  /** Each look: ms of the shared clock, bytes, processes. */
  readonly looks: readonly { readonly atMs: number; readonly bytes: number; readonly processes: number }[]
}

/** Looks every `everyMs`, machine time, until it is disposed. */
export function watchMemory(rig: Rig<Exchanges>, everyMs: number): MemoryWatch {
  const looks: { atMs: number; bytes: number; processes: number }[] = []
  const end = new AbortController()
  const watch = async () => {
    while (await systemClock.sleep(everyMs, end.signal)) {
      const pids = collectorProcesses(rig).map(({ pid }) => pid)
      const bytes = pids.reduce((sum, pid) => sum + pssBytesOf(pid), 0)
      looks.push({ atMs: rig.simulator.now(), bytes, processes: pids.length })
    }
  }
  const watching = watch()
  return {
    peakBytes: () => Math.max(0, ...looks.map(({ bytes }) => bytes)),
    looks,
    async [Symbol.asyncDispose]() {
      end.abort()
      await watching
    },
  }
}
