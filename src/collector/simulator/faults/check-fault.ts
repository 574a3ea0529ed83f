import { type Instrument, KxError, nearest } from '../../../base/index.ts'
import type { Fault } from './fault.ts'

/**
 * Sees to it that a fault can ever act: its exchange and symbol, where it names them, are traded here. A connection
 * may yet come.
 *
 * @throws {KxError} KX_USAGE that names what there is
 */
export function checkFault(
  fault: Fault,
  instruments: readonly Pick<Instrument, 'exchange' | 'nativeSymbol'>[],
): void {
  const { exchange, symbol } = fault as { readonly exchange?: string; readonly symbol?: string }
  const exchanges = instruments.map((one) => one.exchange)
  if (exchange !== undefined)
    checkName(`${fault.kind}: no exchange '${exchange}' is simulated`, exchange, exchanges)
  if (symbol === undefined) return
  const symbols = instruments
    .filter((one) => exchange === undefined || one.exchange === exchange)
    .map(({ nativeSymbol }) => nativeSymbol)
  const where = exchange === undefined ? 'no simulated exchange' : exchange
  checkName(
    `${fault.kind}: ${where} lists ${exchange === undefined ? '' : 'no '}'${symbol}'`,
    symbol,
    symbols,
  )
}

function checkName(message: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return
  const near = nearest(name, known)
  const hint =
    near === undefined ? `Choose from: ${[...new Set(known)].join(', ')}.` : `Did you mean ${near}?`
  throw new KxError('KX_USAGE', message, { hint })
}
