import type { Instrument } from '../../base/index.ts'

/** project.yml of the demo: the simulated instruments, and no wish for fresh data. */
export function demoProjectYml(instruments: readonly Instrument[]): string {
  const lines = instruments.map(
    ({ exchange, nativeSymbol, symbol, quoteAsset }) =>
      `  - { exchange: ${exchange}, native_symbol: ${nativeSymbol}, symbol: ${symbol}, quote_asset: ${quoteAsset} }`,
  )
  return `# The demo's project: kx demo writes it anew each time.
name: demo
settle: 3m
max_lag: 90d
instruments:
${lines.join('\n')}
`
}
