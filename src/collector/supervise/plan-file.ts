import { KxError } from '../../base/index.ts'
import type { FeedRates } from './score.ts'
import type { FeedLoad, Shard, WorkerShards } from './shards.ts'

/** Who collects what, as it is written to `plan.json`, and what was measured for the next plan. */
export interface CollectPlan {
  /** ISO 8601. */
  readonly created: string
  readonly workers: readonly WorkerShards[]
  readonly measured: readonly MeasuredFeed[]
}

export interface MeasuredFeed extends FeedRates {
  readonly exchange: string
  readonly kind: 'candles' | 'ticks'
}

/** The plan as JSON text. */
export function renderPlan({ created, workers, measured }: CollectPlan): string {
  const written = {
    created,
    workers: workers.map(({ worker, feeds, score }) => ({
      worker,
      score: round(score),
      feeds: feeds.map((feed) => ({ ...feed, symbols: feed.symbols ?? null, score: round(feed.score) })),
    })),
    measured: measured.map(({ exchange, kind, bytesPerSecond, reconnectsPerMinute }) => ({
      exchange,
      kind,
      bytes_per_second: round(bytesPerSecond),
      reconnects_per_minute: round(reconnectsPerMinute),
    })),
  }
  return `${JSON.stringify(written, null, 2)}\n`
}

/**
 * Reads a plan.
 *
 * @param file as the user knows it, for the message
 * @throws {KxError} KX_COLLECT_PLAN if it is not one
 */
export function parsePlan(text: string, file: string): CollectPlan {
  const fail = (what: string) => planError(file, what)
  const written = fieldsOf(parseJson(text, fail), 'the plan', fail)
  return {
    created: textOf(written.created, '"created"', fail),
    workers: listOf(written.workers, '"workers"', fail).map((worker, i) =>
      parseWorker(worker, `worker ${i + 1}`, fail),
    ),
    measured: listOf(written.measured ?? [], '"measured"', fail).map((feed) => parseMeasured(feed, fail)),
  }
}

/**
 * Holds a plan against what is to be collected: each load in one worker, once and whole, and nothing else.
 *
 * @throws {KxError} KX_COLLECT_PLAN
 */
export function checkPlan({ workers }: CollectPlan, loads: readonly FeedLoad[], file: string): void {
  const fail = (what: string) => planError(file, what)
  for (const { worker, feeds } of workers) {
    if (new Set(feeds.map(({ kind }) => kind)).size > 1) {
      throw fail(`worker ${worker} has candles and ticks: ticks need workers of their own`)
    }
  }
  const shards = workers.flatMap(({ feeds }) => feeds)
  for (const shard of shards) {
    if (!loads.some((load) => isOf(shard, load))) {
      throw fail(`${nameOf(shard)} are not collected by this project`)
    }
  }
  for (const load of loads)
    checkLoad(
      load,
      shards.filter((shard) => isOf(shard, load)),
      fail,
    )
}

type Fail = (what: string) => KxError

function checkLoad(load: FeedLoad, shards: readonly Shard[], fail: Fail): void {
  const name = nameOf(load)
  if (shards.length === 0) throw fail(`no worker has the ${name}`)
  if (shards.length > 1 && shards.some(({ symbols }) => symbols === undefined)) {
    throw fail(`two workers have the ${name}`)
  }
  const planned = shards.flatMap(({ symbols }) => symbols ?? [])
  const twice = planned.find((symbol, i) => planned.indexOf(symbol) !== i)
  if (twice !== undefined) throw fail(`two workers have ${twice} of the ${name}`)
  if (shards.some(({ symbols }) => symbols === undefined) || load.symbols === undefined) return
  const [unknown] = planned.filter((symbol) => !load.symbols?.includes(symbol))
  if (unknown !== undefined) throw fail(`${unknown} of the ${name} is not collected by this project`)
  const [missing] = load.symbols.filter((symbol) => !planned.includes(symbol))
  if (missing !== undefined) throw fail(`no worker has ${missing} of the ${name}`)
}

function parseWorker(value: unknown, what: string, fail: Fail): WorkerShards {
  const { worker, score, feeds } = fieldsOf(value, what, fail)
  if (!Number.isSafeInteger(worker)) throw fail(`"worker" of ${what} is not a whole number`)
  const shards = listOf(feeds, `"feeds" of ${what}`, fail).map((feed) => parseShard(feed, what, fail))
  if (shards.length === 0) throw fail(`${what} has no feeds`)
  return { worker: worker as number, feeds: shards, score: numberOf(score, `"score" of ${what}`, fail) }
}

function parseShard(value: unknown, what: string, fail: Fail): Shard {
  const { exchange, kind, symbols, score } = fieldsOf(value, `a feed of ${what}`, fail)
  return {
    exchange: textOf(exchange, `"exchange" of ${what}`, fail),
    kind: kindOf(kind, `"kind" of ${what}`, fail),
    symbols:
      symbols === null || symbols === undefined
        ? undefined
        : listOf(symbols, `"symbols" of ${what}`, fail).map((name) =>
            textOf(name, `a symbol of ${what}`, fail),
          ),
    score: numberOf(score, `"score" of a feed of ${what}`, fail),
  }
}

function parseMeasured(value: unknown, fail: Fail): MeasuredFeed {
  const what = 'a measured feed'
  const written = fieldsOf(value, what, fail)
  return {
    exchange: textOf(written.exchange, `"exchange" of ${what}`, fail),
    kind: kindOf(written.kind, `"kind" of ${what}`, fail),
    bytesPerSecond: numberOf(written.bytes_per_second, `"bytes_per_second" of ${what}`, fail),
    reconnectsPerMinute: numberOf(written.reconnects_per_minute, `"reconnects_per_minute" of ${what}`, fail),
  }
}

function planError(file: string, what: string): KxError {
  return new KxError('KX_COLLECT_PLAN', `${file}: ${what}`, {
    hint: 'Leave --plan-input out to have a plan made, or correct the file.',
  })
}

function parseJson(text: string, fail: Fail): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw fail('it is not JSON')
  }
}

function fieldsOf(value: unknown, what: string, fail: Fail): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw fail(`${what} is not an object`)
  return value as Record<string, unknown>
}

function listOf(value: unknown, what: string, fail: Fail): readonly unknown[] {
  if (!Array.isArray(value)) throw fail(`${what} is not a list`)
  return value
}

function textOf(value: unknown, what: string, fail: Fail): string {
  if (typeof value !== 'string' || value === '') throw fail(`${what} is not a text`)
  return value
}

function numberOf(value: unknown, what: string, fail: Fail): number {
  if (typeof value !== 'number' || !(value >= 0)) throw fail(`${what} is not a number`)
  return value
}

function kindOf(value: unknown, what: string, fail: Fail): 'candles' | 'ticks' {
  if (value !== 'candles' && value !== 'ticks') throw fail(`${what} is neither "candles" nor "ticks"`)
  return value
}

function isOf(shard: Shard, load: FeedLoad): boolean {
  return shard.exchange === load.exchange && shard.kind === load.kind
}

function nameOf({ exchange, kind }: Pick<Shard, 'exchange' | 'kind'>): string {
  return `${kind} of ${exchange}`
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
