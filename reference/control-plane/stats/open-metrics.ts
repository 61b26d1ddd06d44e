/** Reads the text that metrics are told in (Prometheus, OpenMetrics), as far as sums and histograms need it. */

export interface Sample {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}

const line = /^([A-Za-z_:.][\w:.]*)(?:\{(.*)\})?\s+(\S+)/
const label = /\s*([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"\s*,?/gy

/** Lines that are no samples are passed over. */
export function parseMetrics(text: string): Sample[] {
  return text.split('\n').flatMap((each) => {
    const [, name, labels = '', value = ''] = line.exec(each) ?? []
    const number = value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value)
    return name === undefined || Number.isNaN(number) ? [] : [{ name, labels: new Map(labelsIn(labels)), value: number }]
  })
}

function labelsIn(text: string): [string, string][] {
  return [...text.matchAll(label)].map(([, name = '', value = '']) => [
    name,
    value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
  ])
}

/** A namespace before a name is no matter: it can be configured. */
export function isNamed({ name }: Sample, wanted: string): boolean {
  return name === wanted || (name.endsWith(wanted) && /[._:]$/.test(name.slice(0, -wanted.length)))
}

export function sumOf(samples: readonly Sample[], ...names: readonly string[]): number {
  return samples.filter((sample) => names.some((name) => isNamed(sample, name))).reduce((sum, { value }) => sum + finite(value), 0)
}

/** By number of shard; samples without one belong to the first. */
export function sumByShard(samples: readonly Sample[], name: string): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const sample of samples) {
    const shard = sample.labels.get('shard') ?? sample.labels.get('shard_id') ?? '0'
    if (isNamed(sample, name) && /^\d{1,6}$/.test(shard)) sums[shard] = (sums[shard] ?? 0) + finite(sample.value)
  }
  return sums
}

/** Cumulative counts by upper bound, of all series together. */
export function bucketsOf(samples: readonly Sample[], name: string): Map<number, number> {
  const buckets = new Map<number, number>()
  for (const sample of samples) {
    const bound = sample.labels.get('le')
    if (bound === undefined || !isNamed(sample, `${name}_bucket`)) continue
    const upTo = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound)
    buckets.set(upTo, (buckets.get(upTo) ?? 0) + finite(sample.value))
  }
  return buckets
}

/** As Prometheus estimates it: straight lines within a bucket; null for a histogram of nothing. */
export function quantileOf(buckets: ReadonlyMap<number, number>, quantile: number): number | null {
  const sorted = [...buckets].toSorted(([a], [b]) => a - b)
  const total = sorted.at(-1)?.[1] ?? 0
  if (total === 0) return null
  const rank = quantile * total
  const at = sorted.findIndex(([, count]) => count >= rank)
  const [upper, count] = sorted[at] ?? [0, 0]
  const [lower, before] = sorted[at - 1] ?? [0, 0]
  if (upper === Number.POSITIVE_INFINITY) return lower
  return count === before ? upper : lower + ((upper - lower) * (rank - before)) / (count - before)
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0
}
