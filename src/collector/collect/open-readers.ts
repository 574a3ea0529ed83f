import type { Log } from '../status/log.ts'
import { openUploader, type Uploader } from '../upload/uploader.ts'
import type { CollectorInput } from './collector-input.ts'
import { type Loader, openLoader } from './load-loop.ts'
import { createPartReaders, type PartReaders } from './part-readers.ts'
import { within } from './within.ts'

/** The loader and the uploader, as far as they are wanted. */
export interface OpenReaders extends PartReaders, AsyncDisposable {
  /** Loads and uploads what is sealed, for so long at most, ms of the machine. */
  drain(deadlineMs: number): Promise<void>
}

/** A reader that does not end by itself is left behind after so long, ms of the machine. */
const LEAVE_AFTER_MS = 2_000
/** Failures while it drains, after which the store counts as away: two or so of each that sends. */
const DRAIN_TRIES = 8

/** Starts what reads the landing. */
export async function openReaders(input: CollectorInput, log: Log): Promise<OpenReaders> {
  const { clock, random, landingDirectory, stateDirectory } = input
  const store = await input.openStore?.()
  const uploader =
    store && (await openUploader({ store, landingDirectory, stateDirectory, clock, random, log }))
  const loader =
    input.bronze && openLoader({ open: input.bronze.open, clock, random, log, onLoaded: () => undefined })
  return {
    ...createPartReaders({ landingDirectory, loader, uploader, clock }),
    drain: async (deadlineMs) => {
      await within(deadlineMs, Promise.all([drainLoader(loader, deadlineMs), drainUploader(uploader)]))
    },
    async [Symbol.asyncDispose]() {
      const closing = [uploader?.[Symbol.asyncDispose](), loader?.[Symbol.asyncDispose]()]
      await within(LEAVE_AFTER_MS, Promise.all(closing))
      store?.[Symbol.dispose]()
    },
  }
}

async function drainLoader(loader: Loader | undefined, deadlineMs: number): Promise<void> {
  await loader?.drain(deadlineMs)
}

/**
 * Until nothing waits, or the store is still away. Its own deadline goes by the clock, which may be a fast one: what
 * limits it is the machine's.
 */
async function drainUploader(uploader: Uploader | undefined): Promise<void> {
  const before = uploader?.failures() ?? 0
  while (uploader && !(await uploader.drain(1_000)) && uploader.failures() - before < DRAIN_TRIES);
}
