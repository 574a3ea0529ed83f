import type { Readable, Writable } from 'node:stream'
import type pg from 'pg'
import copyStreams from 'pg-copy-streams'

/** A copy that waits for its turn: the stream to hand out, and what starts it. */
export interface Copy<Stream> {
  readonly stream: Stream
  /** Starts the copy; settles when the connection is free again or the copy failed. */
  run(): Promise<void>
}

/** What pg calls on a copy, and the callbacks that pg-copy-streams keeps for its own end. */
interface Hooks {
  handleError(error: unknown): void
  handleReadyForQuery(): void
  cb_destroy?: ((error: unknown) => void) | null
  cb_ReadyForQuery?: (() => void) | null
}

/** Turns what pg says went wrong into what callers are told. */
type Translate = (error: unknown) => Error

/** `copy … from stdin`. Destroying the stream takes the copy back. */
export function createCopyIn(client: pg.Client, text: string, translate: Translate): Copy<Writable> {
  const stream = copyStreams.from(text)
  const hooks = stream as unknown as Hooks
  return {
    stream,
    run: () =>
      new Promise((resolve, reject) => {
        const done = hooks.handleReadyForQuery.bind(stream)
        hooks.handleReadyForQuery = () => {
          done()
          resolve()
        }
        // The library's own handler leaves the stream open, and the next chunk would find no connection.
        hooks.handleError = (error) => {
          const translated = translate(error)
          reject(translated)
          if (hooks.cb_destroy) return hooks.cb_destroy(translated)
          hooks.cb_ReadyForQuery ??= () => {}
          stream.destroy(translated)
        }
        client.query(stream)
      }),
  }
}

/** `copy … to stdout`. A reader that stops early ends the connection: the rest would have to be read. */
export function createCopyOut(client: pg.Client, text: string, translate: Translate): Copy<Readable> {
  const stream = copyStreams.to(text)
  const hooks = stream as unknown as Hooks
  let isRefused = false
  return {
    stream,
    run: () =>
      new Promise((resolve, reject) => {
        hooks.handleReadyForQuery = resolve
        hooks.handleError = (error) => {
          isRefused = true
          const translated = translate(error)
          reject(translated)
          stream.destroy(translated)
        }
        stream.on('close', () => {
          if (!stream.readableEnded && !isRefused) client.end().catch(() => {})
        })
        client.query(stream)
      }),
  }
}
