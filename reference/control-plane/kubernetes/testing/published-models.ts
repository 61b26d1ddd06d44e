/** Holds rendered objects against the models that the client publishes: no field that Kubernetes does not know, none of another type. */
import * as models from '@kubernetes/client-node'

interface Attribute {
  readonly name: string
  readonly baseName: string
  readonly type: string
}

type Model = { getAttributeTypeMap(): readonly Attribute[] }

/** A line for each field that does not fit. */
export function misfits(object: { readonly kind: string }): string[] {
  return walk(object, `V1${object.kind}`, object.kind)
}

function walk(value: unknown, type: string, at: string): string[] {
  const list = /^Array<(.*)>$/.exec(type)
  if (list !== null) return Array.isArray(value) ? value.flatMap((one, n) => walk(one, list[1]!, `${at}[${n}]`)) : [`${at}: no list`]
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)
  if (map !== null) return entries(value, at, (key, one) => walk(one, map[1]!, `${at}.${key}`))
  if (type === 'IntOrString') return ['string', 'number'].includes(typeof value) ? [] : [`${at}: neither number nor text`]
  const model = (models as unknown as Readonly<Record<string, Model | undefined>>)[type]
  if (model === undefined) return typeof value === (type === 'Date' ? 'string' : type) ? [] : [`${at}: ${typeof value} in place of ${type}`]
  const known = new Map(model.getAttributeTypeMap().map(({ baseName, type: inner }) => [baseName, inner]))
  return entries(value, at, (key, one) => {
    const inner = known.get(key)
    return inner === undefined ? [`${at}.${key}: not known`] : walk(one, inner, `${at}.${key}`)
  })
}

function entries(value: unknown, at: string, each: (key: string, one: unknown) => string[]): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at}: no object`]
  return Object.entries(value).flatMap(([key, one]) => each(key, one))
}
