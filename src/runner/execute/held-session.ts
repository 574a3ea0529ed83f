import type { Session, Warehouse } from '../../warehouse/index.ts'

/** A worker's own session: opened when first needed, kept from step to step, replaced after a failure. */
export interface HeldSession extends AsyncDisposable {
  get(): Promise<Session>
  /** Gives the session back: the next get() opens another. */
  replace(): Promise<void>
}

/** Holds a session of `warehouse` for one worker. */
export function holdSession(warehouse: Warehouse): HeldSession {
  let held: Session | undefined
  const replace = async () => {
    const old = held
    held = undefined
    await old?.[Symbol.asyncDispose]()
  }
  return {
    get: async () => {
      held ??= await warehouse.session()
      return held
    },
    replace,
    [Symbol.asyncDispose]: replace,
  }
}
