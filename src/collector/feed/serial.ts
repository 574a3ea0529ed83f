/**
 * Deals with events one after the other: one that comes up while another is dealt with waits until that is done.
 * So what a deed leads to is decided after it, not in the middle of it.
 */
export function inSeries<Event>(deal: (event: Event) => void): (event: Event) => void {
  const queue: Event[] = []
  let isBusy = false
  return (event) => {
    queue.push(event)
    if (isBusy) return
    isBusy = true
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) deal(next)
    } finally {
      isBusy = false
    }
  }
}
