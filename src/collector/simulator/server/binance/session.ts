import type { Connection } from '../connection.ts'
import type { Session } from '../session.ts'
import { type Stream, shareOut } from '../stream.ts'
import { type Answer, answerTo, invalid, type Methods, namesOf } from './answer.ts'
import { startStream } from './streams.ts'

const MOST_STREAMS = 1024

/** Serves Binance's market streams: `/ws`, `/ws/<stream>`, `/stream?streams=a/b`. */
export function openBinanceSession(connection: Connection): Session {
  const { pathname, searchParams } = new URL(connection.path, 'ws://localhost')
  /** By the name that the client gave. */
  const streams = new Map<string, Stream>()
  let isCombined = pathname.startsWith('/stream')

  const wrapped = (name: string, payload: string) =>
    isCombined ? `{"stream":"${name}","data":${payload}}` : payload
  const subscribe = (name: string) => {
    if (name === '' || streams.has(name)) return
    const stream = startStream(connection.venue, name, (payload, market) =>
      connection.send({ text: wrapped(name, payload), market }),
    )
    streams.set(name, stream)
  }
  const unsubscribe = (name: string) => {
    streams.get(name)?.stop()
    streams.delete(name)
  }
  const forNames = (params: unknown, act: (names: readonly string[]) => Answer): Answer => {
    const names = namesOf(params)
    return names === undefined ? invalid('params must be an array of stream names') : act(names)
  }
  const methods: Methods = {
    SUBSCRIBE: (params) =>
      forNames(params, (names) => {
        if (streams.size + names.length > MOST_STREAMS) return invalid('too many subscriptions')
        const refused = names.find((name) => connection.refuses(symbolOf(name)))
        if (refused !== undefined) return invalid(`refused ${refused}`)
        names.forEach(subscribe)
        return { result: null }
      }),
    UNSUBSCRIBE: (params) =>
      forNames(params, (names) => {
        names.forEach(unsubscribe)
        return { result: null }
      }),
    LIST_SUBSCRIPTIONS: () => ({ result: [...streams.keys()] }),
    SET_PROPERTY: (params) => {
      const [name, value] = Array.isArray(params) ? (params as unknown[]) : []
      if (name !== 'combined' || typeof value !== 'boolean') return invalid('combined is set to a boolean')
      isCombined = value
      return { result: null }
    },
    GET_PROPERTY: (params) =>
      Array.isArray(params) && params[0] === 'combined'
        ? { result: isCombined }
        : invalid('unknown property'),
  }
  connection.onEnd(() => {
    for (const { stop } of streams.values()) stop()
    streams.clear()
  })
  const named = isCombined ? (searchParams.get('streams') ?? '') : pathname.slice('/ws/'.length)
  named.split('/').forEach(subscribe)
  return {
    receive: (text) => connection.send({ text: answerTo(text, methods), isAnswer: true }),
    announceShutdown() {
      const payload = `{"e":"serverShutdown","E":${Math.floor(connection.venue.now())}}`
      connection.send({ text: wrapped('!serverShutdown', payload) })
    },
    burst(symbol, frames) {
      const meant = [...streams].filter(([name]) => symbol === undefined || symbolOf(name) === symbol)
      shareOut(
        meant.map(([, stream]) => stream),
        frames,
      )
    },
  }
}

/** `BTCUSDT` of `btcusdt@kline_1m`. */
function symbolOf(name: string): string {
  return (name.split('@')[0] ?? name).toUpperCase()
}
