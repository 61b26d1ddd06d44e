/** Instances that tell numbers which grow, for control planes whose platform is in memory. */
import type { InstanceEndpoint } from '../provisioner.ts'
import type { FetchMetrics } from '../stats/fetch-metrics.ts'
import { parseMetrics } from '../stats/open-metrics.ts'

export const tellingPooler: InstanceEndpoint = { part: 'pooler', name: 'pooler-0', metrics: 'http://127.0.0.1:1/metrics', admin: null }

export interface Telling {
  readonly fetchMetrics: FetchMetrics
  silent: boolean
}

export function makeTelling(): Telling {
  let queries = 0
  const telling: Telling = {
    silent: false,
    fetchMetrics: (endpoint) => {
      if (telling.silent) return Promise.resolve({ endpoint, samples: null, message: 'did not answer in time' })
      queries += 100
      return Promise.resolve({ endpoint, samples: parseMetrics(textOf(queries)), message: '' })
    },
  }
  return telling
}

function textOf(queries: number): string {
  const of = (name: string, shard: number, value: number) =>
    `orochi_pgdog_${name}{shard="${shard}",database="orochi",user="orochi_app"} ${value}`
  const rows = [0, 1].flatMap((shard) => [
    of('sv_active', shard, 2),
    of('sv_idle', shard, 3),
    of('total_query_count', shard, queries / (shard + 1)),
    of('total_query_time', shard, queries),
  ])
  return `${rows.join('\n')}\n# EOF\n`
}
