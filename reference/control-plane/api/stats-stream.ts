/** A pooler's numbers again and again, for whoever asks for a stream of events; everybody else is left to the route behind. */
import { streamSSE } from 'hono/streaming'
import { clusterId } from './cluster-schemas.ts'
import type { PoolerStats } from './pooler-schemas.ts'
import { ProblemError, problemOf } from './problem.ts'
import type { Api, Service } from './service.ts'

const everyMs = 2_000

/** The first sample decides about the status; a later one that fails is told on the stream, which goes on. */
export function addStatsStream(api: Api, { config, stopping, now }: Service, sample: (id: string) => Promise<PoolerStats>): void {
  let streams = 0
  api.get('/api/v1/clusters/:id/pooler/stats', async (context, next) => {
    const id = context.req.param('id')
    if (!wantsStream(context.req.header('accept')) || !clusterId.safeParse(id).success) return await next()
    if (streams >= config.limits.streams) throw new ProblemError('unavailable', { detail: 'too many streams are open', retryAfterMs: 5000 })
    const first = await sample(id)
    const { endMs } = context.get('principal')
    streams++
    return streamSSE(context, async (stream) => {
      const gone = new AbortController()
      stream.onAbort(() => gone.abort())
      const over = AbortSignal.any([stopping, gone.signal])
      const say = (event: string, body: object) => stream.writeSSE({ event, data: JSON.stringify(body) })
      try {
        await say('stats', first)
        // Who may not see them any more sees no more.
        while (!over.aborted && now() < endMs) {
          await waited(Math.min(everyMs, Math.max(1, endMs - now())), over)
          if (over.aborted || now() >= endMs) break
          await sample(id).then(
            (stats) => say('stats', stats),
            (cause: unknown) => say('problem', { detail: detailOf(cause) }),
          )
        }
      } finally {
        streams--
      }
    })
  })
}

/** As the first of what is taken, or as the better one. */
function wantsStream(accept = ''): boolean {
  return accept.split(',')[0]!.split(';')[0]!.trim() === 'text/event-stream'
}

function waited(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}

/** What is no problem of ours to tell is told in no words of its own. */
const detailOf = (cause: unknown): string => problemOf(cause)?.notes.detail ?? 'the numbers cannot be had now'
