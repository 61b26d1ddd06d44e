/** A control plane in a process of its own, whose platform is a folder: to be killed in the midst of things. */
import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startControlPlane } from '../control-plane.ts'
import type { Provisioner } from '../provisioner.ts'
import { adminToken, configIn } from './raise.ts'

const [dir = '', resumeMs = '0'] = process.argv.slice(2)
const up = (id: string) => join(dir, `${id}.up`)
const note = (words: string) => appendFileSync(join(dir, 'calls'), `${words}\n`)

/** What it starts outlives this process, as servers do. */
const platform: Provisioner = {
  kind: 'folder',
  apply: async ({ id }) => note(`apply ${id}`),
  async remove(id) {
    rmSync(up(id), { force: true })
  },
  async resume({ id }, _warmth, signal) {
    note(`resume ${id}`)
    await sleep(Number(resumeMs), undefined, { signal })
    writeFileSync(up(id), '')
  },
  async suspend({ id }) {
    note(`suspend ${id}`)
    rmSync(up(id), { force: true })
  },
  async observe({ id }) {
    const ready = existsSync(up(id))
    return {
      state: ready ? 'running' : 'stopped',
      postgres: { ready, message: '', openTransactions: 0 },
      poolers: [{ name: 'pooler-0', ready, message: '', generation: null }],
    }
  },
  reload: async () => [],
  endpoints: async () => [],
}

const plane = await startControlPlane(configIn(dir), { makeProvisioner: () => platform })
console.log(JSON.stringify({ port: plane.port, token: await adminToken() }))
process.on('SIGTERM', () => void plane[Symbol.asyncDispose]().then(() => process.exit(0)))
