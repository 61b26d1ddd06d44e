/** A driver before a fake API server. */
import { KubeConfig } from '@kubernetes/client-node'
import type { Provisioner } from '../../provisioner.ts'
import { makeKubeApi, type KubeApi, type Patience } from '../api.ts'
import { kubernetesProvisioner, type Dependencies } from '../driver.ts'
import { runControllers } from './controllers.ts'
import { startFakeApiServer, type FakeApiServer } from './fake-api-server.ts'
import type { Tree } from './merge.ts'
import { testConfig } from './plans.ts'

export const quick: Patience = { answerMs: 2_000, tries: 4, firstPauseMs: 5, longestPauseMs: 20 }

export function apiFor(url: string, patience: Patience = quick): KubeApi {
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: [{ name: 'c', server: url, skipTLSVerify: true }],
    users: [{ name: 'u', token: 'service-account-token' }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  })
  return makeKubeApi(config, patience)
}

export interface Stage extends AsyncDisposable {
  readonly server: FakeApiServer
  readonly driver: Provisioner
  readonly signal: AbortSignal
  /** An object of the cluster `acme`, to be looked into. */
  get(plural: string, name: string): Tree | undefined
}

const roots: Readonly<Record<string, string>> = { deployments: 'apis/apps/v1', statefulsets: 'apis/apps/v1' }

export async function setStage(config: object = {}, given: Dependencies = {}, goMs = 0): Promise<Stage> {
  const server = await startFakeApiServer()
  runControllers(server.store, goMs)
  const driver = kubernetesProvisioner(testConfig(config), { api: apiFor(server.url), ...given })
  const get = (plural: string, name: string) =>
    server.store.get(`/${roots[plural] ?? 'api/v1'}/namespaces/orochi-cloud/${plural}`, name)?.object
  return { server, driver, signal: AbortSignal.timeout(15_000), get, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}
