/** `orochi cluster pooler stats`, once or again and again: by a stream of events where there is one, else by asking. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createParser } from 'eventsource-parser'
import type { Client } from '../client.ts'
import { Failure } from '../failure.ts'
import { statsShape, type Stats } from '../shapes.ts'
import { cellText, pairs, table, type Show } from '../show.ts'
import { poolerPath } from './pooler.ts'

export interface StatsFlags {
  readonly watch?: true
  readonly interval: number
  readonly count?: number
}

export async function showStats(id: string, flags: StatsFlags, client: Client, show: Show, stop: AbortSignal): Promise<void> {
  const path = `${poolerPath(id)}/stats`
  if (flags.watch !== true) {
    const { body } = await client.ask(path, statsShape)
    return show.print({ cluster_id: id, ...body }, () => statsText(show, id, body))
  }
  let seen = 0
  const screen = makeScreen(show, id)
  try {
    for await (const stats of samples(path, flags.interval, client, stop)) {
      screen(stats)
      if (++seen === flags.count) return
    }
  } catch (cause) {
    // Whoever watches ends it so; that is no failure.
    if (!(cause instanceof Failure && cause.code === 'interrupted')) throw cause
  }
}

/** A control plane without a stream answers with one sample: then it is asked again. */
async function* samples(path: string, seconds: number, client: Client, stop: AbortSignal): AsyncGenerator<Stats> {
  while (!stop.aborted) {
    const opened = await client.open(path, { headers: { accept: 'text/event-stream, application/json;q=0.9' } })
    // A stream that ends is opened anew.
    if (opened.stream) yield* spaced(eventsOf(opened.chunks), seconds * 1000)
    else yield readSample(await opened.text())
    await sleep(seconds * 1000, undefined, { signal: stop }).catch(() => {})
  }
}

/** No more often than asked for; what is left out is older than what is shown. */
async function* spaced(events: AsyncIterable<Stats>, gapMs: number): AsyncGenerator<Stats> {
  let shownAt = -Infinity
  for await (const stats of events) {
    if (performance.now() - shownAt < gapMs * 0.9) continue
    shownAt = performance.now()
    yield stats
  }
}

const eventLimit = 1024 * 1024

async function* eventsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Stats> {
  const ready: string[] = []
  const parser = createParser({
    onEvent: ({ event, data }) => void ((event ?? 'stats') === 'stats' && ready.push(data)),
    maxBufferSize: eventLimit,
  })
  const decoder = new TextDecoder()
  for await (const chunk of chunks) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    for (const data of ready.splice(0)) yield readSample(data)
  }
}

function readSample(text: string): Stats {
  try {
    return statsShape.parse(JSON.parse(text))
  } catch (cause) {
    throw new Failure(
      'failed',
      'the control plane sent numbers in a shape that is not known here',
      'check that this command is not older than it',
      cause,
    )
  }
}

/** In place on a terminal, else a line per sample. */
function makeScreen(show: Show, id: string): (stats: Stats) => void {
  if (show.json) return (stats) => void show.out.write(`${JSON.stringify({ cluster_id: id, at: new Date().toISOString(), ...stats })}\n`)
  const line = lineWriter(show)
  return show.out.isTTY === true ? (stats) => void show.out.write(`\x1b[H\x1b[2J${statsText(show, id, stats)}\n`) : line
}

const columns = [
  'active_connections',
  'idle_connections',
  'total_queries',
  'queries_per_second',
  'average_latency_ms',
  'p99_latency_ms',
] as const

function lineWriter({ out }: Show): (stats: Stats) => void {
  let headed = false
  return (stats) => {
    if (!headed) out.write(`${['time', ...columns].join('\t')}\n`)
    headed = true
    out.write(`${[new Date().toISOString(), ...columns.map((name) => cellText(stats[name]))].join('\t')}\n`)
  }
}

function statsText({ paint }: Show, id: string, stats: Stats): string {
  const { shard_distribution: shards, ...numbers } = stats
  const rows = Object.entries(numbers).map(([name, value]) => [name, cellText(value)] as const)
  return [pairs(paint, [['cluster', id], ...rows]), '', shardTable(paint, shards)].join('\n')
}

function shardTable(paint: Show['paint'], shards: Readonly<Record<string, number>>): string {
  const all = Object.values(shards).reduce((sum, count) => sum + count, 0)
  const rows = Object.entries(shards).toSorted(([a], [b]) => Number(a) - Number(b))
  const share = (count: number) => (all === 0 ? '-' : `${((100 * count) / all).toFixed(1)} %`)
  return rows.length === 0
    ? 'no shards'
    : table(
        paint,
        ['SHARD', 'QUERIES', 'SHARE'],
        rows.map(([shard, count]) => [shard, count, share(count)]),
      )
}
