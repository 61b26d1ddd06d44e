/** Where a key stands in a statement: a literal or a parameter, perhaps under a cast that does not change it. */
import type { Node } from '../sql/syntax.ts'
import { namesOf } from '../sql/syntax.ts'
import type { KeyType } from './hash.ts'
import type { Raw } from './keys.ts'

export type KeySource =
  | { readonly kind: 'literal'; readonly raw: Raw }
  /** Numbered from 1. `cast`: the parameter has this type when nothing else says what it has. */
  | { readonly kind: 'parameter'; readonly number: number; readonly cast: boolean }
  /** A parameter that is an array of keys. */
  | { readonly kind: 'elements'; readonly number: number }

const harmlessCasts: Readonly<Record<KeyType, readonly string[]>> = {
  int2: ['int2', 'int4', 'int8'],
  int4: ['int2', 'int4', 'int8'],
  int8: ['int2', 'int4', 'int8'],
  text: ['text', 'varchar'],
  uuid: ['uuid'],
}

/** Null when it is no literal or parameter, or one that means something else to a key of this type. */
export function keySourceOf(node: Node | undefined, type: KeyType): KeySource | null {
  if (!node) return null
  if ('TypeCast' in node) return castOf(node.TypeCast, type)
  if ('ParamRef' in node) return { kind: 'parameter', number: node.ParamRef.number ?? 0, cast: false }
  if (!('A_Const' in node)) return null
  const raw = rawOf(node.A_Const)
  return raw && fits(raw, type) ? { kind: 'literal', raw } : null
}

type Cast = Extract<Node, { TypeCast: unknown }>['TypeCast']
type Constant = Extract<Node, { A_Const: unknown }>['A_Const']

function castOf({ arg, typeName }: Cast, type: KeyType): KeySource | null {
  const name = namesOf(typeName?.names)?.at(-1)
  if (!typeName || typeName.typmods || typeName.arrayBounds || !name || !harmlessCasts[type].includes(name)) return null
  const source = arg && !('TypeCast' in arg) ? keySourceOf(arg, type) : null
  return source?.kind === 'parameter' ? { ...source, cast: true } : source
}

function rawOf(constant: Constant): Raw | null {
  if (constant.isnull) return { form: 'null' }
  if (constant.sval) return { form: 'text', bytes: Buffer.from(constant.sval.sval ?? '', 'utf8') }
  if (constant.ival) return { form: 'number', value: BigInt(constant.ival.ival ?? 0) }
  // Whole numbers beyond 32 bits are written as if they had a fraction.
  const written = constant.fval?.fval ?? ''
  return /^-?\d+$/.test(written) ? { form: 'number', value: BigInt(written) } : null
}

/** A number where a text is wanted is an error, which the server shall tell; a text is read as what is wanted. */
const fits = (raw: Raw, type: KeyType): boolean => raw.form !== 'number' || type.startsWith('int')

/** `$1`, or `$1::text[]`: the array of `= ANY (…)`. */
export function keyArrayOf(node: Node | undefined, type: KeyType): KeySource | null {
  if (!node) return null
  if ('ParamRef' in node) return { kind: 'elements', number: node.ParamRef.number ?? 0 }
  if (!('TypeCast' in node)) return null
  const { arg, typeName } = node.TypeCast
  const name = namesOf(typeName?.names)?.at(-1)
  const fits = typeName && !typeName.typmods && typeName.arrayBounds?.length === 1 && name && harmlessCasts[type].includes(name)
  return fits && arg && 'ParamRef' in arg ? keyArrayOf(arg, type) : null
}
