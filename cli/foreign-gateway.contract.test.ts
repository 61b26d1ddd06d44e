/** Foreign gateways under a small catalogue: what each lacks is unsupported, what it does wrong is refuted, and one that dies is told and started again. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openTiny } from './testing/tiny.ts'

const tiny = openTiny('ci/foreign')
afterAll(() => tiny[Symbol.dispose]())

const limits = { timeout: 110_000 }

interface Told {
  readonly exitCode: number
  readonly verdicts: readonly { readonly id: string; readonly verdict: string; readonly why: string }[]
}

async function suiteOn(...words: string[]) {
  const { stdout, stderr } = await tiny.harness('suite', '--pooler', 'router', '--json', ...words)
  expect(stdout, stderr).not.toBe('')
  const told = JSON.parse(stdout) as Told
  return {
    exitCode: told.exitCode,
    verdicts: Object.fromEntries(told.verdicts.map(({ id, verdict }) => [id, verdict])),
    why: Object.fromEntries(told.verdicts.map(({ id, why }) => [id, why])),
  }
}

test('our own, started as a foreign one by a template', limits, async () => {
  const { verdicts, why, exitCode } = await suiteOn(
    ...['--gateway', 'exec:node reference/gateway/bin.ts --config {template}'],
    ...['--gateway-template', 'stack/testing/own-gateway.template.yaml'],
  )
  expect(verdicts).toEqual({ 'SEC-001': 'proved', 'SEC-002': 'proved', 'SEC-003': 'proved', 'SEC-004': 'unsupported' })
  expect(why['SEC-004']).toContain('gateway.leewaySeconds')
  expect(exitCode).toBe(0)
})

test('a bare relay lets nobody in: all of it is unsupported, with the reason', limits, async () => {
  const { verdicts, why } = await suiteOn('--gateway', 'exec:node stack/testing/foreign-relay.ts {listen} {upstreamHost}:{upstreamPort}')
  expect(new Set(Object.values(verdicts))).toEqual(new Set(['unsupported']))
  expect(why['SEC-001']).toMatch(/does not let a client with a good token in: 28P01/)
})

test(
  'one that takes any token and dies of a packet: the one is refuted, the other told in hex, and the next entry finds it alive',
  limits,
  async () => {
    const { verdicts, why, exitCode } = await suiteOn('--gateway', 'exec:node stack/testing/foreign-believer.ts --mortal')
    expect(verdicts).toEqual({ 'SEC-001': 'refuted', 'SEC-002': 'refuted', 'SEC-003': 'unsupported', 'SEC-004': 'unsupported' })
    expect(why['SEC-001']).toContain('0000001004d2162e0000000701020304')
    expect(why['SEC-001']).toMatch(/died.*TypeError/s)
    expect(why['SEC-002']).toMatch(/expired/)
    expect(why['SEC-003']).toContain('no JSON record')
    expect(exitCode).toBe(1)
  },
)

test('one that stands already, with its key, authority and metrics', limits, async () => {
  const up = spawn(process.execPath, ['cli/testing/stand.ts'], { env: { ...process.env, OROCHI_STATE_DIR: join(tiny.dir, 'state-up') }, stdio: ['pipe', 'pipe', 'inherit'] }) // prettier-ignore
  try {
    const line = await new Promise<string>((resolve) => up.stdout.once('data', (chunk: Buffer) => resolve(String(chunk))))
    const { gateway, signingKey, ca, metricsUrl } = JSON.parse(line) as Record<string, string>
    const words = ['--gateway', gateway!, '--signing-key', signingKey!, '--ca', ca!, '--metrics-url', metricsUrl!]
    const { verdicts } = await suiteOn(...words)
    expect(verdicts).toEqual({ 'SEC-001': 'proved', 'SEC-002': 'proved', 'SEC-003': 'unsupported', 'SEC-004': 'unsupported' })
    expect(readFileSync(ca!, 'utf8')).toContain('BEGIN CERTIFICATE')
  } finally {
    const gone = new Promise((resolve) => up.once('exit', resolve))
    up.stdin.end()
    await gone
  }
})
