/** No client is ever shown a row of another tenant. */
import { as, nameOf } from '../effects.ts'
import { checkOf } from '../finding.ts'

export default checkOf('tenant-isolation', 'no row of another tenant is ever seen', (history) =>
  history.operations
    .filter(({ kind, outcome }) => kind === 'look' && outcome === 'ok')
    .flatMap((operation) => {
      const { tenant } = as<{ tenant: string }>(operation.args)
      const foreign = as<{ tenants: string[] }>(operation.value).tenants.filter((one) => one !== tenant)
      if (foreign.length === 0) return []
      return [{ kind: 'foreign-row', text: `${nameOf(operation)} saw rows of ${foreign.join(', ')}`, operations: [operation.index] }]
    }),
)
