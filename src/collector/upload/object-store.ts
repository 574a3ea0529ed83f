/** An S3-compatible store, as far as landing needs it. Keys are without the store's prefix. */
export interface ObjectStore {
  /**
   * Resolves when the store answers: it takes these credentials and has the bucket. Needs no permission; whether
   * one is missing that uploads need, only an upload shows.
   *
   * @throws {StoreError}
   */
  ask(signal?: AbortSignal): Promise<void>
  /**
   * Stores an object that must not exist yet.
   *
   * @throws {StoreError}
   */
  putNew(object: NewObject, signal?: AbortSignal): Promise<'stored' | 'exists'>
  /** What is there under a key; undefined: nothing. @throws {StoreError} */
  head(key: string, signal?: AbortSignal): Promise<StoredObject | undefined>
  /** @throws {StoreError} */
  get(key: string, signal?: AbortSignal): Promise<Uint8Array>
  /** Keys below `prefix` in order, and, with `isShallow`, the folders below it in place of what they hold. */
  list(prefix: string, options: { readonly isShallow: boolean }): AsyncGenerator<ListedObject>
}

/** A whole object: parts of landing are small enough to be sent at once. */
export interface NewObject {
  readonly key: string
  readonly body: Uint8Array
  readonly contentType: string
  readonly contentEncoding: string | undefined
  readonly content: ContentMark
}

/** Of the uncompressed content: gzip's own bytes differ between versions of zlib. */
export interface ContentMark {
  /** Hex. */
  readonly sha256: string
  readonly bytes: number
}

export interface StoredObject {
  /** Undefined: kx did not write it. */
  readonly content: ContentMark | undefined
}

/** `key` ends with `/`: a folder. */
export interface ListedObject {
  readonly key: string
  readonly sizeBytes: number
}

interface StoreErrorDetails {
  readonly status: number | undefined
  readonly hint: string | undefined
  readonly isForNextStart?: boolean
  readonly cause: unknown
}

/** A request that the store did not fulfil. */
export class StoreError extends Error {
  /** `unreachable`: no answer, or 5xx · `refused`: the store will say so again, until somebody changes something. */
  readonly kind: 'unreachable' | 'refused'
  /** HTTP; undefined: none came. */
  readonly status: number | undefined
  /** What would help, an order; undefined: the message says it, or waiting helps. */
  readonly hint: string | undefined
  /** Whether what the hint says takes effect at the next start: credentials are read once a process. */
  readonly isForNextStart: boolean

  constructor(
    kind: 'unreachable' | 'refused',
    message: string,
    { status, hint, isForNextStart = false, cause }: StoreErrorDetails,
  ) {
    super(message, { cause })
    this.name = 'StoreError'
    this.kind = kind
    this.status = status
    this.hint = hint
    this.isForNextStart = isForNextStart
  }
}
