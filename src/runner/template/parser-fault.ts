/** Jinja that the parser knows and refuses; parseTemplate makes it a KxError with a place. */
export class JinjaFault extends Error {
  readonly hint: string
  /** From 1. */
  readonly lineno: number
  /** From 1. */
  readonly colno: number

  constructor(message: string, hint: string, at: { readonly lineno: number; readonly colno: number }) {
    super(message)
    this.hint = hint
    this.lineno = at.lineno + 1
    this.colno = at.colno + 1
  }
}
