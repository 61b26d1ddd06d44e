/** What a client asks for when it connects reaches the server; what it may not ask for is refused. */
import { expect } from 'vitest'
import { answered, faultOf, openTlsProbe, textRows } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish } from '../kit.ts'

const spec = wish({ pooler: { poolSize: 5 } })

interface Asked {
  readonly startup: Readonly<Record<string, string>>
  readonly setting: string
  readonly value: string
}

const asked: readonly Asked[] = [
  { startup: { application_name: 'an application, 100%' }, setting: 'application_name', value: 'an application, 100%' },
  { startup: { client_encoding: 'LATIN1' }, setting: 'client_encoding', value: 'LATIN1' },
  { startup: { client_encoding: 'UTF8' }, setting: 'client_encoding', value: 'UTF8' },
  { startup: { DateStyle: 'German, DMY' }, setting: 'DateStyle', value: 'German, DMY' },
  { startup: { TimeZone: 'Asia/Tokyo' }, setting: 'TimeZone', value: 'Asia/Tokyo' },
  { startup: { IntervalStyle: 'iso_8601' }, setting: 'IntervalStyle', value: 'iso_8601' },
  { startup: { extra_float_digits: '2' }, setting: 'extra_float_digits', value: '2' },
  { startup: { statement_timeout: '61000' }, setting: 'statement_timeout', value: '61s' },
  { startup: { options: '-c statement_timeout=62s' }, setting: 'statement_timeout', value: '62s' },
  { startup: { options: '-clock_timeout=63s --TimeZone=Europe/Paris' }, setting: 'TimeZone', value: 'Europe/Paris' },
  { startup: { options: '-c lock_timeout=64s -c DateStyle=SQL,\\ MDY' }, setting: 'DateStyle', value: 'SQL, MDY' },
]

/** What the server says of a setting to a client that asked for it. */
async function settingSeen(stack: Stack, token: string, { startup, setting }: Asked): Promise<string> {
  const { door } = stack
  await using probe = await openTlsProbe(door, { ca: door.ca, servername: door.servername })
  const login = await answered(probe.logIn({ user: stack.role, database: door.database, password: token, startup }), 'a login')
  if (!login.ok) return `refused: ${login.error?.sqlstate ?? login.trouble?.message} ${login.error?.message ?? ''}`
  // Asked of the server itself: a pooler may answer SHOW on its own.
  const answer = await answered(probe.query(`select current_setting('${setting}')`), 'a query')
  probe.quit()
  return answer.ok ? (textRows(answer)[0]?.[0] ?? 'nothing') : faultOf(answer)
}

spec('CONN-011', async ({ stack, mint, prove }) => {
  const token = await mint()
  await prove('seen', async () => {
    const unlike: string[] = []
    for (const wish of [...asked, ...asked.toReversed()]) {
      const found = await settingSeen(stack, token, wish)
      if (found !== wish.value) unlike.push(`${JSON.stringify(wish.startup)}: ${wish.setting} is ${found}`)
    }
    expect(unlike, unlike.join('; ')).toEqual([])
  })
})
