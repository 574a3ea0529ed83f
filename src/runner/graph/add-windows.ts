import type { Edge, Window } from '../model/index.ts'

/**
 * What is read when something that reads `inner` is itself read over `outer`: `2h` of `3h` is `5h`.
 *
 * Hours and days together are counted in days, rounded up: never less than what is read.
 */
export function addWindows(outer: Edge['window'], inner: Edge['window']): Edge['window'] {
  if (outer === 'none' || inner === 'none') return 'none'
  if (outer === 'own') return inner
  if (inner === 'own') return outer
  if (outer.unit === inner.unit) return sum(outer, inner)
  return sum(inDays(outer), inDays(inner))
}

function sum(a: Window, b: Window): Window {
  return { unit: a.unit, before: a.before + b.before, after: a.after + b.after }
}

/** The days that hold `window`, rounded up on both ends. */
function inDays(window: Window): Window {
  if (window.unit === 'day') return window
  return { unit: 'day', before: daysUp(window.before), after: daysUp(window.after) }
}

/** `+ 0` because Math.ceil gives -0. */
function daysUp(hours: number): number {
  return Math.ceil(hours / 24) + 0
}
