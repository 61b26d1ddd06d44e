import { createServer, type IncomingMessage } from 'node:http'
import { KubeConfig } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { openMesh } from './client.ts'
import type { MeshObject } from './objects.ts'
import { renderMesh } from './render.ts'

interface FakeCluster extends AsyncDisposable {
  readonly config: KubeConfig
  readonly objects: Map<string, MeshObject & { status?: object }>
  readonly asked: string[]
}

interface Manners {
  /** How often an object is looked at before it is injected; Infinity: never. */
  readonly looks?: number
  readonly installed?: boolean
  /** How often an object is looked at after it was deleted before it is gone. */
  readonly lingers?: number
}

/** An API server that knows Chaos Mesh's kinds, and does what its controller would say it did. */
async function cluster({ looks = 2, installed = true, lingers = 2 }: Manners = {}): Promise<FakeCluster> {
  const objects = new Map<string, MeshObject & { status?: object }>()
  const seen = new Map<string, number>()
  const leaving = new Map<string, number>()
  const asked: string[] = []
  const answer = (method: string, path: string, body: string): [number, unknown] => {
    asked.push(`${method} ${path}`)
    if (!installed) return [404, { kind: 'Status', message: 'the server could not find the requested resource' }]
    if (method === 'POST') {
      const made = JSON.parse(body) as MeshObject
      objects.set(`${path}/${made.metadata.name}`, made)
      return [201, made]
    }
    const found = objects.get(path)
    if (method === 'DELETE' && found !== undefined) leaving.set(path, lingers)
    if (method === 'GET' && found === undefined && !/\/[a-z]+chaos$/.test(path)) return [404, { kind: 'Status', message: 'not found' }]
    if (found === undefined) return [200, { items: [...objects].filter(([key]) => key.startsWith(`${path}/`)).map(([, one]) => one) }]
    const left = leaving.get(path)
    if (left !== undefined && left <= 0) objects.delete(path)
    if (left !== undefined) leaving.set(path, left - 1)
    const times = (seen.get(path) ?? 0) + 1
    seen.set(path, times)
    const status = { conditions: [{ type: 'AllInjected', status: times > looks ? 'True' : 'False' }] }
    return [200, { ...found, status }]
  }
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      const [code, told] = answer(request.method ?? '', (request.url ?? '').split('?')[0]!, body)
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(told))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const config = new KubeConfig()
  config.loadFromClusterAndUser({ name: 'fake', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }, { name: 'tester' })
  return {
    config,
    objects,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

const site = { namespace: 'orochi', partLabel: 'orochi.test/part', run: 'run-1' }
const wanted = renderMesh({ fault: 'link-cut', target: 'postgres-0' }, site)
const never = new AbortController().signal

test('an object is made, waited for until all is injected, and deleted once', async () => {
  await using at = await cluster()
  {
    await using injected = await openMesh(at.config).inject(wanted, never)
    expect(injected.effect).toBe('NetworkChaos link-cut-postgres-0-run-1: AllInjected')
    expect([...at.objects.values()]).toEqual([wanted])
    expect(await injected.heal()).toContain('all have recovered')
  }
  expect(at.objects.size).toBe(0)
  const path = '/apis/chaos-mesh.org/v1alpha1/namespaces/orochi/networkchaos'
  expect(at.asked[0]).toBe(`POST ${path}`)
  expect(at.asked.filter((one) => one.startsWith('DELETE'))).toEqual([`DELETE ${path}/link-cut-postgres-0-run-1`])
})

test('an abort while it is waited for deletes it', async () => {
  await using at = await cluster({ looks: Infinity })
  const abort = new AbortController()
  const injecting = openMesh(at.config).inject(wanted, abort.signal)
  await expect.poll(() => at.objects.size).toBe(1)
  abort.abort()
  await expect(injecting).rejects.toThrow(/abort/i)
  expect(at.objects.size).toBe(0)
})

test('a cluster without Chaos Mesh says so', async () => {
  await using at = await cluster({ installed: false })
  await expect(openMesh(at.config).inject(wanted, never)).rejects.toThrow('install Chaos Mesh')
})

test('what a run left behind is swept, what others made stays away from it', async () => {
  await using at = await cluster()
  const mesh = openMesh(at.config)
  await mesh.inject(wanted, never)
  await mesh.inject(renderMesh({ fault: 'pooler-kill', target: 'pooler-0' }, site), never)
  expect(await mesh.sweep('orochi', 'run-1')).toBe(2)
  expect(at.objects.size).toBe(0)
})
