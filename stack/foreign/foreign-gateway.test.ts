import { expect, test } from 'vitest'
import { environmentOf, fillIn, places, type Filling, type Place } from './foreign-gateway.ts'

const filling = Object.fromEntries((Object.keys(places) as Place[]).map((name) => [name, `<${name}>`])) as unknown as Filling

test('every place is filled in, wherever it stands, and other braces are left alone', () => {
  expect(fillIn('a {listen}{upstreamPort} {"json": {"b": "{issuer}"}} ${HOME} {nothing}', filling)).toBe(
    'a <listen><upstreamPort> {"json": {"b": "<issuer>"}} ${HOME} {nothing}',
  )
})

test('the environment names the same in capitals', () => {
  expect(environmentOf(filling)).toMatchObject({ OROCHI_GATEWAY_LISTEN: '<listen>', OROCHI_GATEWAY_PUBLIC_KEY_FILE: '<publicKeyFile>' })
})
