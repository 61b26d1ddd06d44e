/** A unique key is given to one client only. */
import { as } from '../effects.ts'
import { checkOf } from '../finding.ts'

export default checkOf('one-owner', 'a unique key has one owner', (history) => {
  const granted = history.operations.filter(({ kind, outcome }) => kind === 'claim' && outcome === 'ok')
  return [...Map.groupBy(granted, ({ args }) => as<{ key: number }>(args).key)]
    .filter(([, owners]) => owners.length > 1)
    .map(([key, owners]) => ({
      kind: 'two-owners',
      text: `key ${key} was given to ${owners.map(({ process, invokeMs }) => `client ${process} at ${Math.round(invokeMs)} ms`).join(' and to ')}`,
      operations: owners.map(({ index }) => index),
    }))
})
