/** What of a queue of messages may be written, and how two that wait become one. */
export interface OutboxOptions<Message> {
  /** Hands a message to the pipe; `done` once the pipe has it, or has failed. */
  readonly write: (message: Message, done: () => void) => void
  /** Written and not yet taken by the pipe. */
  readonly mostInFlight: number
  /** One message that says what a waiting and a later one say; undefined: both are needed. */
  readonly merge: (waiting: Message, later: Message) => Message | undefined
}

/** Messages on their way to a process that may be slow: they wait in order, and grow no longer than `merge` lets them. */
export interface Outbox<Message> {
  send(message: Message): void
  /** Messages that wait, for the pipe does not take more. */
  waiting(): number
  /** Resolves once the pipe has everything. */
  flushed(): Promise<void>
}

/** An outbox before a pipe. */
export function createOutbox<Message>({
  write,
  mostInFlight,
  merge,
}: OutboxOptions<Message>): Outbox<Message> {
  const queue: Message[] = []
  let inFlight = 0
  let idle: (() => void)[] = []
  const flush = () => {
    while (inFlight < mostInFlight) {
      const next = queue.shift()
      if (next === undefined) return
      inFlight += 1
      write(next, taken)
    }
  }
  const taken = () => {
    inFlight -= 1
    flush()
    if (inFlight > 0) return
    for (const resolve of idle) resolve()
    idle = []
  }
  return {
    send(message) {
      if (!mergeInto(queue, message, merge)) queue.push(message)
      flush()
    },
    waiting: () => queue.length,
    async flushed() {
      if (inFlight === 0) return
      await new Promise<void>((resolve) => idle.push(resolve))
    },
  }
}

function mergeInto<Message>(
  queue: Message[],
  message: Message,
  merge: OutboxOptions<Message>['merge'],
): boolean {
  for (const [i, waiting] of queue.entries()) {
    const merged = merge(waiting, message)
    if (merged === undefined) continue
    queue[i] = merged
    return true
  }
  return false
}
