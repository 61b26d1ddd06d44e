/** The door of the reference router: start it in this process or run its command line, honest or with pieces of one's own. */

export { runRouter } from './command.ts'
export { configSchema, type RouterConfig } from './config.ts'
export { ConfigError, parseConfig, readConfig } from './config-file.ts'
export { honestPieces, nameByContent, type Pieces } from './pieces.ts'
export { discardSession, type CleanUp } from './pool/clean-up.ts'
export { transactionPooling, type PoolPolicy } from './pool/pool.ts'
export { startRouter, type Router } from './router.ts'
export { applySql, type Parameters } from './sql/parameters.ts'
