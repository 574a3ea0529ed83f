/** One line of an explanation. */
export interface WhyLine {
  readonly depth: number
  readonly text: string
  /** What the text says, for machines. */
  readonly told: Told
}

/** A partition and its state, its last build, a load that moved a source, a file that the load read, or how many were left out. */
export type Told =
  | {
      readonly about: 'partition'
      readonly model: string
      readonly range: string
      /** `none`: there is no such partition. */
      readonly state: string
      readonly reason?: string | undefined
    }
  | {
      readonly about: 'build'
      readonly builtAt?: string
      readonly run?: string
      readonly reason?: string | undefined
      readonly rows?: number
      readonly version?: number
    }
  | {
      readonly about: 'load'
      readonly source: string
      readonly range: string
      readonly rows: number
      readonly load: string | null
      readonly loadedAt: string
    }
  | { readonly about: 'file'; readonly file: string; readonly line: number | null; readonly rows: number }
  | { readonly about: 'more'; readonly model: string; readonly partitions: number }
