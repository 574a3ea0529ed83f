/** Values from several producers for one consumer, in the order they came. Closing ends it; failing throws. */
export class Channel<Value> implements AsyncIterable<Value> {
  readonly #values: Value[] = []
  #wake: (() => void) | undefined
  #isClosed = false
  #error: unknown

  push(value: Value): void {
    this.#values.push(value)
    this.#wake?.()
  }

  close(): void {
    this.#isClosed = true
    this.#wake?.()
  }

  fail(error: unknown): void {
    this.#error ??= error
    this.close()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Value, void> {
    for (;;) {
      while (this.#values.length > 0) yield this.#values.shift() as Value
      if (this.#isClosed) break
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    if (this.#error !== undefined) throw this.#error
  }
}
