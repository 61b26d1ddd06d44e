/** What an operation says: bytes made once, each step sent when the one before it is answered. */
import { encode } from '../../fixtures/probe.ts'
import type { GeneratorClient } from './client.ts'

export interface Statement {
  readonly name: string
  /** What each connection is told once, before anything is timed. */
  setUp(client: GeneratorClient): Promise<void>
  /** The steps of the n-th operation. */
  steps(n: number): readonly Buffer[]
}

const noSetUp = async (): Promise<void> => {}
const keys = ['CH', 'DE', 'FR', 'IT', 'JP', 'NZ']

/** Texts one after the other, each as a simple query, as one operation. */
export function custom(name: string, make: (n: number) => readonly string[]): Statement {
  return { name, setUp: noSetUp, steps: (n) => make(n).map((sql) => encode.query(sql)) }
}

/** The same text each time: its bytes are made once. */
export function simple(sql = `select name from public.countries where code = 'FR'`): Statement {
  const bytes = [encode.query(sql)]
  return { name: 'simple', setUp: noSetUp, steps: () => bytes }
}

/** Parsed each time, with its value bound apart: what most drivers do. */
export function parameterised(sql = 'select name from public.countries where code = $1', values: readonly string[] = keys): Statement {
  const made = values.map((value) => [Buffer.concat([encode.parse('', sql), ...execution('', value)])])
  return { name: 'parameterised', setUp: noSetUp, steps: (n) => made[n % made.length]! }
}

/** Parsed once for each connection. */
export function prepared(sql = 'select name from public.countries where code = $1', values: readonly string[] = keys): Statement {
  const made = values.map((value) => [Buffer.concat(execution('s', value))])
  return { name: 'prepared', setUp: (client) => client.prepare('s', sql), steps: (n) => made[n % made.length]! }
}

/** BEGIN, one statement, COMMIT: three round trips. */
export function transaction(sql = `select name from public.countries where code = 'FR'`): Statement {
  const bytes = ['begin', sql, 'commit'].map((text) => encode.query(text))
  return { name: 'transaction', setUp: noSetUp, steps: () => bytes }
}

function execution(statement: string, value: string): readonly Buffer[] {
  return [encode.bind({ statement, values: [Buffer.from(value)], valueFormats: [0], resultFormats: [0] }), encode.execute(), encode.sync()]
}
