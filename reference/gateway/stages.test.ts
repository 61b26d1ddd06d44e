import { expect, test } from 'vitest'
import { makeToken, otherKey } from './testing/issuer.ts'
import { raiseStage, type Stage } from './testing/stage.ts'

async function countsOf(stage: Stage): Promise<Record<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${stage.gateway.operationsPort}/metrics`)).text()
  const lines = [...text.matchAll(/^orochi_gateway_login_stage_seconds_count\{stage="(\w+)"\} (\d+)$/gm)]
  return Object.fromEntries(lines.map(([, stage = '', count]) => [stage, Number(count)]))
}

test('each stage that a login passed is observed once', async () => {
  await using stage = await raiseStage()
  for (let n = 0; n < 2; n++) await (await stage.logIn(await makeToken())).until('ready-for-query')
  expect(await countsOf(stage)).toEqual({ tls: 2, token: 2, upstream: 2, login: 2 })
})

test('a refused token is not observed as one that was verified', async () => {
  await using stage = await raiseStage()
  await (await stage.logIn(await makeToken({ signedBy: otherKey }))).refusal()
  expect(await countsOf(stage)).toEqual({ tls: 1 })
})
