import * as z from 'zod/mini'
import { type CollectSettings, type ExchangeSettings, type Place, parseDuration } from '../../base/index.ts'
import { checked, keyed } from './check-shape.ts'
import type { YamlFile } from './yaml-file.ts'

const DEFAULT_LANDING = '.kx/landing'
/** In the range that Prometheus exporters share. */
const DEFAULT_PORT = 9464

const isText = (value: unknown) => typeof value === 'string' && value !== ''
const text = checked<string>(isText, 'Write a text.')
const flag = checked<boolean>((value) => typeof value === 'boolean', 'Write true or false.')
const count = checked<number>(
  (value) => Number.isInteger(value) && (value as number) >= 1,
  'Write a whole number from 1 up.',
)
const port = checked<number>(
  (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 65_536,
  'Write a port: 0 to 65535.',
)
const duration = checked<string>(
  (value) => typeof value === 'string' && parseDuration(value) !== undefined,
  'Write a duration: 90s, 3m, 2h or 1d.',
)
const url = (schemes: readonly string[]) =>
  checked<string>(
    (value) => typeof value === 'string' && URL.canParse(value) && schemes.includes(new URL(value).protocol),
    `Write a URL that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}.`,
  )

const ticksShape = keyed({
  ccxt_id: z.optional(text),
  symbols: z.optional(text),
  only_spot: z.optional(flag),
  max_symbols: z.optional(count),
  max_streams: z.optional(count),
  raw: z.optional(flag),
})

const exchangeShape = keyed({
  ws_url: z.optional(url(['wss:', 'ws:'])),
  rest_url: z.optional(url(['https:', 'http:'])),
  candles: z.optional(flag),
  ticks: z.optional(z.union([flag, ticksShape])),
})

const storeShape = keyed({
  bucket: text,
  prefix: z.optional(text),
  region: z.optional(text),
  endpoint: z.optional(url(['https:', 'http:'])),
  path_style: z.optional(flag),
})

/** `collect:` in project.yml, checked by shape. */
export const collectShape = keyed({
  landing: z.optional(text),
  port: z.optional(port),
  workers: z.optional(count),
  retain: z.optional(duration),
  s3: z.optional(storeShape),
  exchanges: z.optional(z.record(z.string(), z.nullable(exchangeShape))),
})

type Written = z.infer<typeof collectShape>
type WrittenExchange = z.infer<typeof exchangeShape>

/** Settings as project.yml has them; the landing directory is still relative to the project. */
export function collectSettingsOf(
  written: Written | undefined,
  aliases: Readonly<Record<string, string>>,
  yaml?: YamlFile,
): CollectSettings {
  const { s3 } = written ?? {}
  const prefix = s3?.prefix?.replace(/^\/+|\/+$/g, '')
  return {
    landingDirectory: written?.landing ?? DEFAULT_LANDING,
    port: written?.port ?? DEFAULT_PORT,
    workers: written?.workers,
    retainMs: written?.retain === undefined ? undefined : parseDuration(written.retain),
    store: s3 && {
      bucket: s3.bucket,
      prefix: prefix ? `${prefix}/` : '',
      region: s3.region,
      endpoint: s3.endpoint,
      isPathStyle: s3.path_style ?? s3.endpoint !== undefined,
    },
    exchanges: Object.entries(written?.exchanges ?? {}).map(([exchange, one]) =>
      exchangeSettingsOf(
        aliases[exchange] ?? exchange,
        one ?? {},
        () => yaml && ccxtPlace(yaml, exchange, one),
      ),
    ),
  }
}

/** Settings of an exchange of which `written` says this; `{}`: all defaults. */
function exchangeSettingsOf(
  exchange: string,
  written: WrittenExchange,
  place: () => Place | undefined,
): ExchangeSettings {
  const ticks = written.ticks === true ? {} : written.ticks === false ? undefined : written.ticks
  return {
    exchange,
    wsUrl: written.ws_url,
    restUrl: written.rest_url,
    hasCandles: written.candles ?? true,
    ticks: ticks && {
      ccxtId: ticks.ccxt_id ?? exchange.replaceAll('_', ''),
      symbols: ticks.symbols,
      isSpotOnly: ticks.only_spot ?? false,
      maxSymbols: ticks.max_symbols,
      maxStreams: ticks.max_streams,
      keepsRaw: ticks.raw ?? true,
      at: place(),
    },
  }
}

/** Where the name that CCXT is asked for is written. */
function ccxtPlace(yaml: YamlFile, exchange: string, written: WrittenExchange | null): Place {
  const ticks = written?.ticks
  const isNamed = typeof ticks === 'object' && ticks.ccxt_id !== undefined
  const path = ['collect', 'exchanges']
  return isNamed ? yaml.atPlain([...path, exchange, 'ticks'], 'ccxt_id') : yaml.atPlain(path, exchange)
}
