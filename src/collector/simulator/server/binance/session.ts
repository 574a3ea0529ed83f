import type { Connection } from '../connection.ts'
import type { Session } from '../session.ts'
import { answerTo, invalid, type Methods, namesOf } from './answer.ts'
import { startStream } from './streams.ts'

const MOST_STREAMS = 1024

/** Serves Binance's market streams: `/ws`, `/ws/<stream>`, `/stream?streams=a/b`. */
export function openBinanceSession(connection: Connection): Session {
  const { pathname, searchParams } = new URL(connection.path, 'ws://localhost')
  /** What stops each stream; nothing where a name means nothing. */
  const stops = new Map<string, (() => void) | undefined>()
  let isCombined = pathname.startsWith('/stream')

  const subscribe = (stream: string) => {
    if (stream === '' || stops.has(stream)) return
    const stop = startStream(connection.venue, stream, (payload, market) =>
      connection.send({ text: isCombined ? `{"stream":"${stream}","data":${payload}}` : payload, market }),
    )
    stops.set(stream, stop)
  }
  const unsubscribe = (stream: string) => {
    stops.get(stream)?.()
    stops.delete(stream)
  }
  const methods: Methods = {
    SUBSCRIBE: (params) => {
      const streams = namesOf(params)
      if (streams === undefined) return invalid('params must be an array of stream names')
      if (stops.size + streams.length > MOST_STREAMS) return invalid('Too many subscriptions')
      streams.forEach(subscribe)
      return { result: null }
    },
    UNSUBSCRIBE: (params) => {
      const streams = namesOf(params)
      if (streams === undefined) return invalid('params must be an array of stream names')
      streams.forEach(unsubscribe)
      return { result: null }
    },
    LIST_SUBSCRIPTIONS: () => ({ result: [...stops.keys()] }),
    SET_PROPERTY: (params) => {
      const [name, value] = Array.isArray(params) ? (params as unknown[]) : []
      if (name !== 'combined' || typeof value !== 'boolean')
        return invalid('only combined can be set, to a boolean')
      isCombined = value
      return { result: null }
    },
    GET_PROPERTY: (params) =>
      Array.isArray(params) && params[0] === 'combined'
        ? { result: isCombined }
        : invalid('unknown property'),
  }
  connection.onEnd(() => {
    for (const stop of stops.values()) stop?.()
    stops.clear()
  })
  const named = isCombined ? (searchParams.get('streams') ?? '') : pathname.slice('/ws/'.length)
  named.split('/').forEach(subscribe)
  return { receive: (text) => connection.send({ text: answerTo(text, methods) }) }
}
