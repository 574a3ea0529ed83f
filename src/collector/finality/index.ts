export { advance, breakDelivery, type DeliveryState, provenGap, type QuietGap } from './delivery.ts'
export { type HeldRow, isAllHeld } from './held.ts'
export {
  breakSettling,
  type DeliveredRow,
  type DeliveryRules,
  type SettledRow,
  type Settling,
  settleRow,
} from './settle.ts'
