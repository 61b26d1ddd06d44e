/** Fetches what an instance tells of itself, within a time and a size. */
import type { InstanceEndpoint } from '../provisioner.ts'
import { parseMetrics, type Sample } from './open-metrics.ts'

export interface Answer {
  readonly endpoint: InstanceEndpoint
  /** Null: it did not answer. */
  readonly samples: readonly Sample[] | null
  readonly message: string
}

const maxBytes = 16 * 1024 * 1024

export type FetchMetrics = (endpoint: InstanceEndpoint, signal: AbortSignal) => Promise<Answer>

/** An instance that does not answer is an answer, too. */
export const fetchMetrics: FetchMetrics = async (endpoint, signal) => {
  if (endpoint.metrics === null) return { endpoint, samples: null, message: 'tells no metrics' }
  try {
    const response = await fetch(endpoint.metrics, { signal, redirect: 'error', headers: { accept: 'text/plain' } })
    if (!response.ok) return { endpoint, samples: null, message: `answered ${response.status}` }
    return { endpoint, samples: parseMetrics(await readText(response)), message: '' }
  } catch (cause) {
    return { endpoint, samples: null, message: signal.aborted ? 'did not answer in time' : `cannot be asked (${codeOf(cause)})` }
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let [text, bytes] = ['', 0]
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length
    if (bytes > maxBytes) throw new Error('too much')
    text += decoder.decode(chunk as Uint8Array, { stream: true })
  }
  return text + decoder.decode()
}

function codeOf(cause: unknown): string {
  const inner = (cause as { readonly cause?: { readonly code?: unknown } }).cause?.code
  return typeof inner === 'string' ? inner : (cause as Error).message
}
