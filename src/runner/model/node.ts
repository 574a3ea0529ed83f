import type { Assertion } from './assertion.ts'
import type { Model, Seed, Source } from './model.ts'

/** What the graph ties together. */
export type Node = Model | Seed | Source | Assertion
