/** The exchange's side of a connection: what a client says to it. What flows back goes through the connection. */
export interface Session {
  /** A text frame from the client. */
  receive(text: string): void
}
