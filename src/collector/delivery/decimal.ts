/** A decimal number, exactly: `digits` / 10^`places`. */
export interface Decimal {
  readonly digits: bigint
  readonly places: number
}

/** 0. */
export const ZERO: Decimal = { digits: 0n, places: 0 }

/** Reads `60123.10`: digits and at most one point. */
export function decimalOf(text: string): Decimal {
  const point = text.indexOf('.')
  if (point < 0) return { digits: BigInt(text), places: 0 }
  return { digits: BigInt(text.slice(0, point) + text.slice(point + 1)), places: text.length - point - 1 }
}

/** The exact sum. */
export function plus(a: Decimal, b: Decimal): Decimal {
  const places = Math.max(a.places, b.places)
  return { digits: scaled(a, places) + scaled(b, places), places }
}

/** The exact product. */
export function times(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, places: a.places + b.places }
}

/** `a` / `b` to so many places, halves up; both are 0 or more, and `b` is not 0. */
export function dividedBy(a: Decimal, b: Decimal, places: number): Decimal {
  const dividend = a.digits * 10n ** BigInt(places + b.places)
  const divisor = b.digits * 10n ** BigInt(a.places)
  return { digits: (2n * dividend + divisor) / (2n * divisor), places }
}

/** Whether `a` is less than `b`. */
export function isLess(a: Decimal, b: Decimal): boolean {
  const places = Math.max(a.places, b.places)
  return scaled(a, places) < scaled(b, places)
}

/** `60123.1`: without zeros at its end. */
export function decimalText({ digits, places }: Decimal): string {
  const text = digits.toString().padStart(places + 1, '0')
  const whole = text.slice(0, text.length - places)
  const fraction = text.slice(text.length - places).replace(/0+$/, '')
  return fraction === '' ? whole : `${whole}.${fraction}`
}

function scaled({ digits, places }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(to - places)
}
