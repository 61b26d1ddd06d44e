/** The gateway for those who run it in their own process or build another one of its pieces. */

export { ConfigError } from './config-error.ts'
export { loadConfig, parseConfig } from './config-file.ts'
export type { GatewayConfig } from './config.ts'
export { makeLog } from './log.ts'
export { startGateway, type Gateway, type Surroundings } from './gateway.ts'
export { pieces, type Admitted, type Pieces, type Steps } from './pieces.ts'
export { reasons, Refusal, type Reason } from './reasons.ts'
export { addressesOf } from './route-config.ts'
export { rules, type Rule, type RuleName } from './rules.ts'
export { run } from './run.ts'
