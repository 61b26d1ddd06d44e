/** The honest gateway whose operations port, and signals, are in other hands: for lies about how it stops. */
import { loadConfig, startGateway, type Gateway } from '../../reference/gateway/index.ts'
import { listen } from '../../reference/gateway/listen.ts'
import { makeOperations, type Route } from '../../reference/gateway/operations.ts'

/** Runs the gateway's command line; `answer` speaks on the operations port in its place. */
export async function withOperations(argv: readonly string[], answer: (gateway: Gateway) => Route): Promise<Gateway> {
  const config = loadConfig(argv[argv.indexOf('--config') + 1]!)
  const gateway = await startGateway(config, {}, { operations: false })
  await listen(makeOperations(answer(gateway)), config.operations!, 'operations')
  return gateway
}
