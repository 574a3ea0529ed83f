export { advance, breakDelivery, type DeliveryState, provenGap, type QuietGap } from './delivery.ts'
export {
  type SettledRow,
  type Settling,
  settleRow,
} from './settle.ts'
