import { writeFileSync } from 'node:fs'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { encodeFrontend } from '../wire/index.ts'
import { ConfigError } from './config-error.ts'
import type { GatewayConfig } from './config.ts'
import { makeCertificate } from './testing/certificate.ts'
import { key, makeToken, otherKey } from './testing/issuer.ts'
import { passwordMessage, raiseStage, startupPacket, type Stage } from './testing/stage.ts'

const query = encodeFrontend({ kind: 'query', text: 'select 1' })

/** The same but for the key that tokens must be signed with, in the same file. */
function withdrawKey({ config }: Stage): GatewayConfig {
  writeFileSync(config.issuers[0]!.keys[0]!.publicKey, otherKey.publicPem)
  return config
}

async function answerTo(stage: Stage, token: string): Promise<string> {
  const client = await stage.logIn(token)
  const last = (await client.until('ready-for-query')).at(-1)
  client.stream.destroy()
  return last?.kind ?? 'silence'
}

test('a withdrawn key takes the tokens with it that were remembered as good; sessions that are open go on', async () => {
  await using stage = await raiseStage()
  const token = await makeToken()
  const client = await stage.logIn(token)
  await client.until('ready-for-query')
  expect(await answerTo(stage, token)).toBe('ready-for-query')
  await stage.gateway.reload(() => withdrawKey(stage))
  expect(await answerTo(stage, token)).toBe('error-response')
  expect(await answerTo(stage, await makeToken({ signedBy: otherKey }))).toBe('ready-for-query')
  client.stream.write(query)
  expect(await client.bytes(query.length)).toEqual(query)
})

test('a login that was waiting for its token is measured by what is in force when the token comes', async () => {
  await using stage = await raiseStage()
  const client = await stage.secure()
  client.stream.write(startupPacket())
  await client.until('authentication-cleartext')
  await stage.gateway.reload(() => withdrawKey(stage))
  client.stream.write(passwordMessage(await makeToken({ signedBy: key })))
  expect(await client.refusal()).toBe('28000')
})

test('a configuration that is not good changes nothing: one error in the log, one in the metrics', async () => {
  await using stage = await raiseStage()
  await stage.gateway.reload(() => {
    throw new ConfigError('gateway.yaml:3: listen.prot: this key is not known; did you mean port?')
  })
  writeFileSync(stage.config.issuers[0]!.keys[0]!.publicKey, 'no key at all')
  await stage.gateway.reload(() => stage.config)
  expect(await answerTo(stage, await makeToken())).toBe('ready-for-query')
  const errors = stage.lines.filter(({ level }) => level === 'error').map(({ record }) => record)
  expect(errors).toMatchObject([
    { event: 'reload', outcome: 'refused', problem: 'gateway.yaml:3: listen.prot: this key is not known; did you mean port?' },
    { event: 'reload', outcome: 'refused', problem: expect.stringContaining('k1.pem') as string },
  ])
  expect(await metric(stage, 'orochi_gateway_config_reloads_total{outcome="refused"}')).toBe(2)
})

test('what cannot change while running is named, and all the rest is in force', async () => {
  await using stage = await raiseStage()
  await stage.gateway.reload(() => ({ ...stage.config, listen: { host: '127.0.0.1', port: 1 }, databases: ['other'] }))
  expect(await answerTo(stage, await makeToken())).toBe('error-response')
  expect(stage.lines.filter(({ level }) => level === 'warn')).toMatchObject([{ record: { event: 'reload', fixed: ['listen'] } }])
  expect(await metric(stage, 'orochi_gateway_config_reloads_total{outcome="applied"}')).toBe(1)
})

test('a listener that stays must be safe with what is new around it', async () => {
  await using stage = await raiseStage({ change: (config) => ({ ...config, listen: { host: '0.0.0.0', port: 0 } }) })
  const { tls: _, ...plain } = stage.config
  await stage.gateway.reload(() => ({ ...plain, listen: { host: '127.0.0.1', port: 0 } }))
  expect(stage.gateway.config().tls).toBeDefined()
  expect(stage.lines.at(-1)).toMatchObject({ level: 'error', record: { problem: expect.stringContaining('in the clear') as string } })
})

test('certificate and key are read again', async () => {
  await using stage = await raiseStage()
  const before = await certificateOf(stage)
  const fresh = makeCertificate()
  writeFileSync(stage.config.tls!.cert, fresh.cert)
  writeFileSync(stage.config.tls!.key, fresh.key)
  expect(await certificateOf(stage)).toBe(before)
  await stage.gateway.reload(() => stage.config)
  expect(await certificateOf(stage)).not.toBe(before)
})

test('calls that come together are served by the newest there is', async () => {
  await using stage = await raiseStage()
  const read: number[] = []
  await Promise.all([1, 2, 3, 4].map((n) => stage.gateway.reload(() => (read.push(n), stage.config))))
  expect(read.length).toBeLessThanOrEqual(2)
  await stage.gateway.reload(() => (read.push(5), stage.config))
  expect(read.at(-1)).toBe(5)
})

async function metric(stage: Stage, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${stage.gateway.operationsPort}/metrics`)).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(name))
      ?.slice(name.length) ?? Number.NaN,
  )
}

function certificateOf(stage: Stage): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connectTls(
      { host: '127.0.0.1', port: stage.gateway.port, rejectUnauthorized: false, ALPNProtocols: ['postgresql'] },
      () => {
        resolve(socket.getPeerCertificate().fingerprint256)
        socket.destroy()
      },
    )
    socket.once('error', reject)
  })
}
