/** One line of an explanation. */
export interface WhyLine {
  readonly depth: number
  readonly text: string
  /** Names a partition and its state. */
  readonly isState?: boolean
}
