import type { RestClient } from '../broker/rest-client.ts'
import type { ListedSymbol, Mapper } from '../exchange/index.ts'

/** What it takes to read an exchange's list. */
export interface ListingOptions {
  readonly mapper: Mapper
  readonly client: RestClient
  readonly restUrl: string
  readonly signal: AbortSignal
}

/**
 * Which of `symbols` an exchange does not list, each with the reason; a text instead, if its list cannot be read:
 * then nothing is known.
 *
 * @throws the reason of `signal`, when it aborts
 */
export async function findUnlisted(
  { mapper, client, restUrl, signal }: ListingOptions,
  symbols: readonly string[],
): Promise<ReadonlyMap<string, string> | string> {
  const { rest } = mapper
  const outcome = await client.get(restUrl, rest.symbols(), {
    priority: 'live',
    signal,
    usedWeight: rest.usedWeight,
  })
  if (!outcome.isAnswered) return outcome.reason
  const answer = rest.parseSymbols(outcome.body)
  if (!answer.ok) return outcome.status === 200 ? answer.reason : `HTTP ${outcome.status}`
  // A list without anything is no list.
  if (answer.value.length === 0) return 'an empty list'
  return missingFrom(answer.value, symbols)
}

function missingFrom(listed: readonly ListedSymbol[], symbols: readonly string[]): Map<string, string> {
  const names = new Set(listed.map(({ nativeSymbol }) => nativeSymbol))
  const byAlias = new Map(
    listed.flatMap((one) => one.aliases.map((alias) => [alias, one.nativeSymbol] as const)),
  )
  const missing = symbols.filter((symbol) => !names.has(symbol))
  return new Map(
    missing.map((symbol) => {
      const other = byAlias.get(symbol)
      return [
        symbol,
        other === undefined ? 'the exchange does not list it' : `the exchange calls it ${other}`,
      ]
    }),
  )
}
