import { spawnSync } from 'node:child_process'
import { mkdirSync, statfsSync } from 'node:fs'

/** A file system of its own that can be made full. */
export interface SmallDisk extends Disposable {
  /** Leaves it hardly any room above what is on it. */
  fill(): void
  free(): void
}

const ROOMY = '6g'
/** Pages that a full disk still takes: a write gets part of the way. */
const REST_BYTES = 64 * 1024

/** Mounts one at `directory`; undefined where mounting is not allowed. */
export function mountSmallDisk(directory: string): SmallDisk | undefined {
  mkdirSync(directory, { recursive: true })
  if (!mount(['-t', 'tmpfs', '-o', `size=${ROOMY},mode=755`, 'kx-rig', directory])) return undefined
  const resize = (size: string) => {
    if (!mount(['-o', `remount,size=${size}`, directory])) throw new Error(`${directory} cannot be resized`)
  }
  return {
    fill() {
      const { blocks, bfree, bsize } = statfsSync(directory)
      resize(String((blocks - bfree) * bsize + REST_BYTES))
    },
    free: () => resize(ROOMY),
    [Symbol.dispose]: () => void isDone('umount', ['-l', directory]),
  }
}

function mount(args: readonly string[]): boolean {
  return isDone('mount', args)
}

function isDone(program: string, args: readonly string[]): boolean {
  return spawnSync(program, [...args], { stdio: 'ignore' }).status === 0
}
