/** Which branch a session works on, and that branches stay apart. */
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import { askWhere, at, branched, databaseOf, hostOf, named } from './places.ts'

const spec = wish(branched)

spec('BRANCH-001', async ({ connect, mint, prove }) => {
  const token = await mint()
  const ways = { 'a neutral name': named('localhost'), 'no name': named('') }
  const found: Record<string, Record<string, unknown>> = {}
  for (const [way, how] of Object.entries(ways))
    found[way] = await connect({ token, ...how }).then(askWhere, (error: Error) => ({ error: error.message }))
  await prove('main', () => {
    for (const [way, { database }] of Object.entries(found)) expect(database, way).toBe(databaseOf('main'))
  })
  await prove('told', () => {
    for (const [way, { branch, signed }] of Object.entries(found)) expect([branch, signed], way).toEqual(['main', 'main'])
  })
})

const hint = (branch: string) => ({ startup: { options: `-c route=local.${branch}` } })

spec('BRANCH-002', async ({ connect, gateway, mint, prove }) => {
  const branches = ['feature-x', 'hotfix', 'main'] as const
  await prove('host', async () => {
    for (const branch of branches) expect(await askWhere(await connect(named(hostOf(branch)))), branch).toEqual(at(branch))
  })
  await prove('claim', async () => {
    for (const branch of branches) {
      const token = await mint({ claims: { branch_id: branch } })
      expect(await askWhere(await connect({ token })), branch).toEqual(at(branch))
    }
  })
  await prove('setting', async () => {
    for (const branch of branches) expect(await askWhere(await connect(hint(branch))), branch).toEqual(at(branch))
  })
  await prove('agree', async () => {
    const forFeature = await mint({ claims: { branch_id: 'feature-x' } })
    const contradictions = [
      [forFeature, { ...named(hostOf('main')) }],
      [forFeature, { ...hint('main') }],
      [await mint(), { ...named(hostOf('main')), ...hint('feature-x') }],
      [forFeature, { ...named(hostOf('feature-x')), ...hint('hotfix') }],
    ] as const
    for (const [token, how] of contradictions) {
      const { ok, sqlstate, backendsOpened } = await gateway.attempt(token, how)
      expect([ok, sqlstate, backendsOpened], JSON.stringify(how)).toEqual([false, '28000', 0])
    }
    const agreed = { ...named(hostOf('feature-x')), ...hint('feature-x') }
    expect(await askWhere(await connect({ token: forFeature, ...agreed })), 'all three the same').toEqual(at('feature-x'))
  })
})

spec('BRANCH-005', async ({ connect, prove }) => {
  const [main, branch] = [await connect(named(hostOf('main'))), await connect(named(hostOf('feature-x')))]
  const mark = `branch-${process.pid}-${Date.now()}`
  const write = (id: number, note: string) =>
    `insert into orders (tenant_id, order_id, amount_cents, note) values (orochi.tenant_id(), ${id}, 1, '${mark} ${note}')`
  const read = async (client: typeof main) =>
    (await client.query<{ note: string }>(`select note from orders where note like '${mark}%' order by note`)).rows.map(({ note }) =>
      note.slice(mark.length + 1),
    )
  const base = 1_000_000 + Math.floor(Date.now() % 1_000_000) * 10

  await prove('isolated', async () => {
    for (const turn of [1, 2, 3]) {
      await main.query(write(base + turn, `main ${turn}`))
      await branch.query(write(base + 5 + turn, `branch ${turn}`))
    }
    expect([await read(main), await read(branch)]).toEqual([
      ['main 1', 'main 2', 'main 3'],
      ['branch 1', 'branch 2', 'branch 3'],
    ])
    await branch.query(`delete from orders where note like '${mark}%'`)
    expect([await read(main), await read(branch)]).toEqual([['main 1', 'main 2', 'main 3'], []])
  })
  await prove('fixed', async () => {
    await branch.query(`set orochi.branch_id to 'main'`)
    await branch.query(`select set_config('orochi.branch_id', 'main', false)`)
    const { database, signed } = await askWhere(branch)
    expect({ database, signed }).toEqual({ database: databaseOf('feature-x'), signed: 'feature-x' })
  })
  await main.query(`delete from orders where note like '${mark}%'`)
})
