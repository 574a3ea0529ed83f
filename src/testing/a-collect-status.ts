import type { CollectStatus, ExchangeStatus } from '../collector/status/status.ts'

/** A collector that just started. */
export function aCollectStatus(status: Partial<CollectStatus> = {}): CollectStatus {
  return {
    collectorId: 'c',
    bootId: 'b',
    startedAt: '2024-05-01T00:00:00.000Z',
    exchanges: [],
    workers: [],
    workerRestarts: 0,
    landing: { sinceSyncS: null, pendingBytes: 0, freeBytes: null, paused: [] },
    load: null,
    upload: null,
    supervisor: { residentBytes: 1, loopDelayP99Ms: 1 },
    degraded: [],
    ...status,
  }
}

/** Kraken, live, with nothing to tell. */
export function anExchangeStatus(status: Partial<ExchangeStatus> = {}): ExchangeStatus {
  return {
    exchange: 'kraken',
    state: 'live',
    connections: 1,
    symbolsLive: 19,
    symbolsStale: [],
    symbolsRejected: [],
    dataAgeS: {},
    messagesPerSecond: 12.3,
    lagMs: null,
    clockOffsetMs: null,
    landedBytes: 0,
    openMinutes: null,
    frames: 0,
    bytes: 0,
    records: 0,
    deadLetters: 0,
    reconnectsByCause: {},
    ...status,
  }
}
