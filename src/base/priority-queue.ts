/** A binary heap: the item of highest priority comes out first, equal ones in no order. */
export class PriorityQueue<Item extends { readonly priority: number }> {
  readonly #heap: Item[] = []

  get size(): number {
    return this.#heap.length
  }

  push(item: Item): void {
    const heap = this.#heap
    let at = heap.push(item) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#at(parent).priority >= item.priority) break
      heap[at] = this.#at(parent)
      at = parent
    }
    heap[at] = item
  }

  pop(): Item | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined || heap.length === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && this.#at(child + 1).priority > this.#at(child).priority) child++
      if (this.#at(child).priority <= last.priority) break
      heap[at] = this.#at(child)
      at = child
    }
    heap[at] = last
    return top
  }

  #at(index: number): Item {
    return this.#heap[index] as Item
  }
}
