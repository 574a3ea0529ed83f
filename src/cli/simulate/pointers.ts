import type { Instrument } from '../../base/index.ts'
import type { Simulator } from '../../collector/simulator/server/index.ts'

/** What a collector's environment holds so that it talks to a simulator. */
export function environmentFor(
  { urls, instruments }: Pick<Simulator, 'urls'> & { readonly instruments: readonly Instrument[] },
  clock: string | undefined,
): Readonly<Record<string, string>> {
  const entries = Object.entries(urls)
    .filter(([exchange]) => instruments.some((one) => one.exchange === exchange))
    .flatMap(([exchange, { ws, rest }]) => [
      [`KX_WS_${exchange.toUpperCase()}`, ws],
      [`KX_REST_${exchange.toUpperCase()}`, rest],
    ])
  return Object.fromEntries(clock === undefined ? entries : [...entries, ['KX_CLOCK', clock]])
}

/** Lines for a shell: `export KX_WS_KRAKEN='ws://127.0.0.1:1234/v2'`. */
export function exportLines(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  )
}
