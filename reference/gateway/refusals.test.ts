import { expect, test } from 'vitest'
import { reasons, type Reason } from './reasons.ts'
import { provocations } from './testing/provocations.ts'
import { raiseStage, type Client, type Stage } from './testing/stage.ts'

const refused = async ({ gateway }: Stage): Promise<string[]> => {
  const metrics = await (await fetch(`http://127.0.0.1:${gateway.operationsPort}/metrics`)).text()
  return [...metrics.matchAll(/logins_total\{outcome="refused",reason="(\w+)"\} 1$/gm)].map(([, reason = '']) => reason)
}

/** What the client was told last, if it was told anything. */
async function heardBy(client: Client): Promise<readonly (string | undefined)[]> {
  await client.until('closed')
  const error = client.heard.find(({ kind }) => kind === 'error-response')
  return error?.kind === 'error-response' ? ['S', 'C', 'M'].map((field) => error.fields.get(field)) : []
}

test.each(Object.keys(reasons) as Reason[])(
  '%s: brought about from outside, counted, recorded at its level, told in its words',
  async (reason) => {
    const { wish = {}, play, silent } = provocations[reason]
    const { level, sqlstate, wording } = reasons[reason]
    await using stage = await raiseStage(wish)
    const client = await play(stage)
    const heard = await heardBy(client)

    await expect.poll(() => refused(stage), { timeout: 5000 }).toContain(reason)
    const records = stage.lines.filter(({ record }) => record['event'] === 'login' && record['reason'] === reason)
    for (const line of records) expect(line.level).toBe(level)
    if (silent === true) return expect(heard).toEqual([])
    expect(records).toHaveLength(1)
    expect(heard).toEqual(['FATAL', sqlstate, expect.stringMatching(new RegExp(`^${wording}( \\("[\\w.]+"\\))?$`))])
  },
)
