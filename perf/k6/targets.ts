/** The HTTP side of a running system: what of its parts answers over HTTP, and what is the right answer. */
import type { Stack } from '../../stack/stack.ts'
import type { K6Target } from './plan.ts'

const paths = ['health', 'ready', 'metrics'] as const

/** Health, readiness and metrics of each part that has them; PgDog has metrics only. */
export function httpTargets(stack: Stack, perSecond: number): readonly K6Target[] {
  return stack.parts().flatMap(({ name, kind, addresses }) => {
    const at = addresses['operations'] ?? addresses['metrics']
    if (at === undefined || kind === 'postgres') return []
    const offered = kind === 'pooler' && stack.topology.pooler?.kind === 'pgdog' ? (['metrics'] as const) : paths
    return offered.map((path) => ({
      name: `${name}-${path}`,
      method: 'GET' as const,
      url: `http://${at.host}:${at.port}/${path}`,
      headers: {},
      body: null,
      status: 200,
      perSecond,
    }))
  })
}
