import type { CcxtClient, CcxtExchange, CcxtTicker } from './ccxt-types.ts'

/** Who hears what comes in on an exchange's sockets. */
export interface TapListener {
  /** Before a socket is dialled; it waits for this. */
  beforeConnect(client: CcxtClient): Promise<void>
  /** A frame came: called when it is handed to CCXT, before anything is done with it. */
  onFrame(client: CcxtClient): void
  /** All tickers that one frame gave, each once. CCXT's own results coalesce; these do not. */
  onTickers(client: CcxtClient, tickers: readonly CcxtTicker[]): void
}

/**
 * Listens at the door where frames enter a CCXT exchange: each ticker that is stored or resolved while one frame
 * is worked on belongs to that frame.
 */
export function tapTickers(exchange: CcxtExchange, listener: TapListener): void {
  let heard: Set<CcxtTicker> | undefined
  const hear = (value: unknown) => {
    if (heard && isTicker(value)) heard.add(value)
  }
  listenToStore(exchange, hear)
  const handleMessage = exchange.handleMessage.bind(exchange)
  exchange.handleMessage = (client, message) => {
    listener.onFrame(client)
    const tickers = new Set<CcxtTicker>()
    heard = tickers
    try {
      return handleMessage(client, message)
    } finally {
      heard = undefined
      if (tickers.size > 0) listener.onTickers(client, [...tickers])
    }
  }
  const clientOf = exchange.client.bind(exchange)
  const tapped = new WeakSet<CcxtClient>()
  exchange.client = (url) => {
    const client = clientOf(url)
    if (!tapped.has(client)) {
      tapClient(client, { listener, hear, isWanted: () => exchange.clients[url] === client })
    }
    tapped.add(client)
    return client
  }
}

/** `exchange.tickers` tells of each ticker that is put into it, also after CCXT replaced it by an empty one. */
function listenToStore(exchange: CcxtExchange, hear: (value: unknown) => void): void {
  const listening = (store: Record<string, CcxtTicker>) =>
    new Proxy(store, {
      set(target, symbol, value) {
        hear(value)
        return Reflect.set(target, symbol, value)
      },
    })
  let tickers = listening(exchange.tickers ?? {})
  Object.defineProperty(exchange, 'tickers', {
    get: () => tickers,
    set(store: Record<string, CcxtTicker>) {
      tickers = listening(store)
    },
    configurable: true,
    enumerable: true,
  })
}

interface Tapping {
  readonly listener: TapListener
  readonly hear: (value: unknown) => void
  /** Not closed since: CCXT forgets a client that it closes, but not that it wanted to dial. */
  readonly isWanted: () => boolean
}

function tapClient(client: CcxtClient, { listener, hear, isWanted }: Tapping): void {
  const resolve = client.resolve.bind(client)
  client.resolve = (result, messageHash) => {
    // A result of many is put together from those that were stored; one alone may not have been.
    hear(result)
    return resolve(result, messageHash)
  }
  const send = client.send.bind(client)
  // A socket that closed before its throttled subscription: CCXT drops the promise that would say so.
  client.send = async (message) => (client.isOpen() ? await send(message) : undefined)
  const createConnection = client.createConnection.bind(client)
  const dial = () => {
    if (isWanted()) createConnection()
  }
  client.createConnection = () => {
    if (isWanted()) listener.beforeConnect(client).then(dial, () => undefined)
  }
}

function isTicker(value: unknown): value is CcxtTicker {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return 'symbol' in value && 'baseVolume' in value && 'last' in value
}
