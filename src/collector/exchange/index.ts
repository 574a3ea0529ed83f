export type {
  CandleAsk,
  FeedLimits,
  ListedSymbol,
  Mapper,
  ParsedFrame,
  RestAnswer,
  RestMapper,
  RestRequest,
  SettlingRules,
  Trade,
  TradesMapper,
  TradesPage,
} from './mapper.ts'
export { mappedExchanges, mapperOf, requireMapper } from './mappers.ts'
