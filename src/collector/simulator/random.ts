/** A stream of numbers that is the same for the same seed and name, on every machine. */
export interface Random {
  /** 0 ≤ x < 1. */
  next(): number
  /** Mean 0, standard deviation 1. */
  normal(): number
  /** A count with this mean. */
  poisson(mean: number): number
}

/** The stream for `name` under `seed`; other names give independent ones. */
export function randomOf(seed: number, name: string): Random {
  return randomFrom(seedOf(seed, name))
}

/** What `seed` and `name` make together: 32 bits, to mix with a number or to begin a stream from. */
export function seedOf(seed: number, name: string): number {
  return hashOf(`${seed} ${name}`)
}

/** `seed` and a whole number of any size, mixed: neighbours have nothing in common. */
export function mixed(seed: number, number: number): number {
  const low = Math.imul(number | 0, 0x9e3779b1)
  const high = Math.imul(Math.floor(number / 4_294_967_296), 0x85ebca6b)
  let hash = seed ^ low ^ high
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** 0 ≤ x < 1 for `seed` and a whole number. */
export function fractionAt(seed: number, number: number): number {
  return (mixed(seed, number) >>> 0) / 4_294_967_296
}

/** The stream that begins from 32 bits. */
export function randomFrom(seed: number): Random {
  const next = mulberry32(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  return { next, normal, poisson: (mean) => poisson(mean, next, normal) }
}

/** Knuth's count for small means; a rounded normal above, where it would take too long. */
function poisson(mean: number, next: () => number, normal: () => number): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = next(); product > limit; product *= next()) count++
  return count
}

/** @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}
