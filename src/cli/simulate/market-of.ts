import { resolve } from 'node:path'
import { type Instrument, isKxError } from '../../base/index.ts'
import { simulatedInstruments } from '../../collector/simulator/index.ts'
import {
  readCandleFiles,
  type SimulatorOptions,
  simulatedExchanges,
} from '../../collector/simulator/server/index.ts'
import { findProjectDirectory, readProject } from '../../runner/index.ts'
import type { Io } from '../shared/io.ts'
import type { SimulateOptions } from './options.ts'

/** What is traded: the project's instruments of simulated exchanges, those of the demo where there is no project. */
export async function marketOf(
  io: Io,
  { projectDir, candles, exchange, symbol }: SimulateOptions,
): Promise<Pick<SimulatorOptions, 'instruments' | 'history'>> {
  const listed = await projectInstruments(io, resolve(io.cwd, projectDir ?? '.'))
  const all = (listed ?? simulatedInstruments).filter((one) =>
    simulatedExchanges.some((id) => id === one.exchange),
  )
  const instruments = all.filter(
    (one) =>
      (exchange === undefined || one.exchange === exchange) &&
      (symbol === undefined || one.symbol === symbol || one.nativeSymbol === symbol),
  )
  if (candles === undefined) return { instruments }
  const read = await readCandleFiles(candles, { directory: io.cwd, instruments: all })
  for (const line of read.skipped) io.err(`skipped ${line}`)
  return { instruments, history: read.candles }
}

async function projectInstruments(io: Io, start: string): Promise<readonly Instrument[] | undefined> {
  try {
    return (await readProject(findProjectDirectory(start), { env: io.env })).instruments
  } catch (error) {
    if (isKxError(error, 'KX_PROJECT_NOT_FOUND')) return undefined
    throw error
  }
}
