/** A whole number of steps as a decimal text: 12345 with 2 digits is `123.45`. */
export function decimalOf(steps: bigint | number, digits: number): string {
  const text = steps.toString()
  if (digits === 0) return text
  const padded = text.padStart(digits + 1, '0')
  return `${padded.slice(0, -digits)}.${padded.slice(-digits)}`
}

/** `steps` with another number of digits, rounded half up. */
export function rescaled(steps: bigint, digits: number, wanted: number): bigint {
  if (wanted >= digits) return steps * 10n ** BigInt(wanted - digits)
  const unit = 10n ** BigInt(digits - wanted)
  return (steps + unit / 2n) / unit
}

/** A decimal text as JSON numbers are mostly written: no zeros at the end, at least one digit after the point. */
export function trimmed(decimal: string): string {
  if (!decimal.includes('.')) return `${decimal}.0`
  let end = decimal.length
  while (decimal[end - 1] === '0' && decimal[end - 2] !== '.') end--
  return decimal.slice(0, end)
}
