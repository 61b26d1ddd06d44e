/** Every way in SQL by which a client can try to be another tenant, or to lose its own. */
import { createHmac } from 'node:crypto'

export interface Forgery {
  readonly what: string
  /** Said one after the other; the last may leave a transaction open. Some of them are errors, which is as good. */
  readonly statements: readonly string[]
}

/** Claims of tenant-b as a client can make them: well formed, with a key of its own. */
export function forgedClaims(): string {
  const exp = Math.floor(Date.now() / 1000) + 600
  const payload = {
    v: 1,
    sub: 'user',
    tenant_id: 'tenant-b',
    branch: 'main',
    cluster: 'local',
    role: 'orochi_app',
    exp,
    permissions: ['all'],
  }
  const body = Buffer.from(JSON.stringify(payload)).toString('base64url')
  return JSON.stringify({ p: body, s: createHmac('sha256', 'a key of the client').update(body).digest('base64url'), k: 'c1' })
}

const forms: Readonly<Record<string, (name: string, value: string) => readonly string[]>> = {
  SET: (name, value) => [`set ${name} = '${value}'`],
  'SET in capitals, quoted': (name, value) => [
    `SET ${name
      .split('.')
      .map((part) => `"${part}"`)
      .join('.')} TO '${value}'`,
  ],
  'SET SESSION': (name, value) => [`set session ${name} to '${value}'`],
  'SET LOCAL': (name, value) => ['begin', `set local ${name} = '${value}'`],
  'SET in a transaction': (name, value) => ['begin', `set ${name} = '${value}'`],
  set_config: (name, value) => [`select set_config('${name}', '${value}', false)`],
  'set_config in a transaction': (name, value) => ['begin', `select pg_catalog.set_config('${name}', '${value}', true)`],
  'set_config with words put together': (name, value) => [`select set_config(lower('${name.toUpperCase()}'), '${value}' || '', 1 > 2)`],
  'set_config in a condition': (name, value) => [`select 1 where set_config('${name}', '${value}', false) is not null`],
  'a DO block': (name, value) => [`do $$ begin perform set_config('${name}', '${value}', false); end $$`],
  'SET in a DO block': (name, value) => [`do $$ begin set ${name} = '${value}'; end $$`],
  'a function': (name, value) => [
    `create or replace function pg_temp.forge() returns text language sql as $$ select set_config('${name}', '${value}', false) $$`,
    'select pg_temp.forge()',
  ],
  'a function with a setting': (name, value) => [
    'begin',
    `create or replace function pg_temp.forged() returns text language plpgsql set ${name} = '${value}' as $$ begin return orochi.tenant_id(); end $$`,
    `create temp table what_it_said on commit drop as select pg_temp.forged() as tenant`,
    `do $$ begin if (select tenant from what_it_said) = 'tenant-b' then perform set_config('orochi.tenant_id', 'tenant-b', false); end if; end $$`,
  ],
  'a common table expression': (name, value) => [
    `with x as materialized (select set_config('${name}', '${value}', false)) select * from x`,
  ],
  'the second of two statements': (name, value) => [`select 1; set ${name} = '${value}'`],
  'behind a comment': (name, value) => [`/* one */ -- two\n set ${name} = '${value}'`],
  'PREPARE and EXECUTE': (name, value) => [
    `prepare forge as select set_config('${name}', '${value}', false)`,
    'execute forge',
    'deallocate forge',
  ],
  'ALTER ROLE': (name, value) => [
    `alter role current_user set ${name} = '${value}'`,
    `alter role orochi_app in database orochi_0 set ${name} = '${value}'`,
  ],
  'ALTER DATABASE': (name, value) => [`alter database orochi_0 set ${name} = '${value}'`],
  pg_settings: (name, value) => [`update pg_settings set setting = '${value}' where name = '${name}'`],
  'a savepoint that is rolled back': (name, value) => [
    'begin',
    'savepoint s',
    `set ${name} = '${value}'`,
    'rollback to s',
    `set local ${name} = '${value}'`,
  ],
}

const values = (): readonly (readonly [name: string, value: string])[] => [
  ['orochi.tenant_id', 'tenant-b'],
  ['orochi.claims', forgedClaims()],
]

export function forgeries(): readonly Forgery[] {
  return values().flatMap(([name, value]) =>
    Object.entries(forms).map(([form, write]) => ({ what: `${name} by ${form}`, statements: write(name, value) })),
  )
}
