/** A router that serves nobody for a moment when it reads its configuration again. */
import { honestPieces, readConfig, startRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'serves nobody for a moment when it reads its configuration again',
  refutes: { 'SHARD-018': ['no-failure'] },
} satisfies Lie

if (import.meta.main) {
  const file = process.argv[process.argv.indexOf('--config') + 1]!
  let away = 0
  const reread = () => {
    away = Date.now() + 200
    return readConfig(file)
  }
  const chooseServer: typeof honestPieces.chooseServer = (wish, choice) => {
    const server = honestPieces.chooseServer(wish, choice)
    return Date.now() < away ? { ...server, port: 1 } : server
  }
  const router = await startRouter(readConfig(file), { chooseServer }, undefined, reread)
  process.on('SIGTERM', () => void router[Symbol.asyncDispose]().then(() => process.exit(0)))
}
