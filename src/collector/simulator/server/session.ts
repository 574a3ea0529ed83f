/** The exchange's side of a connection: what a client says to it. What flows back goes through the connection. */
export interface Session {
  /** A text frame from the client. */
  receive(text: string): void
  /** Says that the exchange is about to hang up. */
  announceShutdown(): void
  /**
   * Sends so many ticker frames at once, each with another price, in turn for the symbols (the exchange's own
   * names) that are subscribed; only for `symbol`, if it is given.
   */
  burst(symbol: string | undefined, frames: number): void
}
