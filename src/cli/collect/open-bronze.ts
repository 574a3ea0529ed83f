import type { BronzeInput } from '../../collector/collect/collector-input.ts'
import { openTail } from '../../collector/load/tail.ts'
import type { Io } from '../shared/io.ts'
import { sourceTables } from '../shared/source-tables.ts'
import { openWarehouseOf, type Workspace } from '../shared/workspace.ts'

/** How the collector reaches the warehouse of a workspace, each time anew: ledger, bronze and instruments in place. */
export function bronzeOf(workspace: Workspace, io: Io, stateDirectory: string): BronzeInput {
  const { project, target, graph } = workspace
  return {
    target,
    async open() {
      const open = await openWarehouseOf(workspace, io, { command: 'collect', threads: 2 })
      const tail = openTail({
        warehouse: open.warehouse,
        tables: sourceTables(graph),
        instruments: project.instruments,
        landingDirectory: project.collect.landingDirectory,
        stateDirectory,
        clock: io.clock,
      })
      return {
        warehouse: open.warehouse,
        tail,
        async [Symbol.asyncDispose]() {
          await tail[Symbol.asyncDispose]()
          await open[Symbol.asyncDispose]()
        },
      }
    },
  }
}
