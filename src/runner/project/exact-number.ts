/**
 * The number, if a double holds what `source` says, digit for digit; else the source: `0.1` and `1e-9` are numbers,
 * `9007199254740993` and `.inf` texts.
 */
export function exactNumber(value: number, source: string | undefined): number | string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  if (source === undefined) return value
  const written = decimalOf(source)
  if (written === undefined) return Number.isSafeInteger(value) ? value : source
  return written === decimalOf(String(value)) ? value : source
}

/** Sign, significant digits and exponent: one text for each decimal number. */
function decimalOf(source: string): string | undefined {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(source)
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  const power = Number(exponent) - fraction.length + digits.length - significant.length
  return `${sign === '-' ? '-' : ''}${significant}e${power}`
}
