/** Steady load for a long time: what each window of it showed, and what each part held after it. */
import pg from 'pg'
import { simple } from '../generator/statements.ts'
import { arrivals } from '../generator/arrivals.ts'
import type { Block } from '../generator/block.ts'
import { GeneratorClient, type Way } from '../generator/client.ts'
import { openCrowd, type Crowd } from '../generator/crowd.ts'
import { openLoop } from '../generator/open-loop.ts'
import { openPacer, type Pacer } from '../generator/pacer.ts'
import type { Stack } from '../../stack/stack.ts'
import { median, type Sample } from './slope.ts'

export interface SoakPlan {
  readonly seconds: number
  /** Queries per second on connections that stay open. */
  readonly perSecond: number
  readonly connections: number
  /** Connections that come, ask once and go, per second. */
  readonly loginsPerSecond: number
  readonly windowMs: number
  readonly seed: string
}

export interface Ways {
  readonly system: Way
  /** Past everything: what only the machine does shows here too. */
  readonly direct: Way
}

/** Name → samples, one for each window. */
export interface SoakRecord {
  readonly series: ReadonlyMap<string, readonly Sample[]>
  readonly windows: number
  readonly operations: number
  readonly logins: number
  readonly failures: number
  readonly trouble: string
}

export async function soak(stack: Stack, ways: Ways, plan: SoakPlan, signal: AbortSignal): Promise<SoakRecord> {
  await using pacer = await openPacer()
  await using system = await openCrowd([ways.system], plan.connections, simple())
  await using direct = await openCrowd([ways.direct], plan.connections, simple())
  await using watcher = await openWatcher(stack)
  const record = new Recorder()
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1000
  for (let window = 0; seconds() < plan.seconds && !signal.aborted; window++) {
    const load = { pacer, plan, window }
    const [through, logins] = await Promise.all([drive(system, 'system', load), comeAndGo(ways.system, plan)])
    const past = await drive(direct, 'direct', load)
    const at = seconds()
    record.window(at, through, past, logins)
    for (const [name, value] of await watcher.look()) record.add(name, at, value)
  }
  return record
}

interface Load {
  readonly pacer: Pacer
  readonly plan: SoakPlan
  readonly window: number
}

/** Directly only a third of the time: it is there to compare with. */
function drive(crowd: Crowd, arm: 'system' | 'direct', { pacer, plan, window }: Load): Promise<Block> {
  const share = arm === 'system' ? 2 / 3 : 1 / 3
  return openLoop(crowd, pacer, arrivals(`${plan.seed}/${window}/${arm}`, plan.perSecond, plan.windowMs * share))
}

interface Logins {
  readonly done: number
  readonly failed: number
  readonly trouble: string
}

/** One after the other, two at once: a queue of them would be another load. */
async function comeAndGo(way: Way, { loginsPerSecond, windowMs }: SoakPlan): Promise<Logins> {
  const count = Math.round((loginsPerSecond * windowMs) / 1000)
  const query = simple().steps(0)[0]!
  let [left, done, failed, trouble] = [count, 0, 0, '']
  const visit = async () => {
    while (left-- > 0)
      try {
        const client = await GeneratorClient.open(way)
        await client.ask(query)
        await client.close()
        done++
      } catch (error) {
        failed++
        trouble ||= error instanceof Error ? error.message : String(error)
      }
  }
  await Promise.all([visit(), visit()])
  return { done, failed, trouble }
}

class Recorder implements SoakRecord {
  readonly series = new Map<string, Sample[]>()
  windows = 0
  operations = 0
  logins = 0
  failures = 0
  trouble = ''

  add(name: string, seconds: number, value: number): void {
    if (!Number.isFinite(value)) return
    const samples = this.series.get(name) ?? []
    samples.push({ seconds, value })
    this.series.set(name, samples)
  }

  window(at: number, through: Block, past: Block, logins: Logins): void {
    this.windows++
    this.operations += through.times.length
    this.logins += logins.done
    this.failures += through.errors + through.dropped + logins.failed
    this.trouble ||= through.trouble || logins.trouble
    const [ours, theirs] = [median([...through.times]), median([...past.times])]
    this.add('latency', at, ours)
    this.add('added latency', at, ours - theirs)
    this.add('latency over direct', at, ours / theirs)
    this.add('answered', at, through.times.length / (through.elapsedMs / 1000))
    this.add('connections made in all', at, this.logins)
  }
}

interface Watcher extends AsyncDisposable {
  look(): Promise<readonly (readonly [string, number])[]>
}

/** Memory and descriptors of each part where they can be read, and the connections of each server. */
async function openWatcher(stack: Stack): Promise<Watcher> {
  const { host, port, user, password, database } = stack.server(0)
  const client = new pg.Client({ host, port, user, password, database, application_name: 'soak' })
  client.on('error', () => {})
  await client.connect()
  const count = `select count(*)::int as n from pg_stat_activity where backend_type = 'client backend' and application_name <> 'soak'`
  return {
    async look() {
      const parts = stack.parts().filter((part) => part.figures !== undefined)
      const figures = await Promise.all(
        parts.map(async (part) => {
          const { residentBytes, descriptors } = await part.figures!()
          return [[`memory of ${part.name}`, residentBytes / 2 ** 20] as const, [`descriptors of ${part.name}`, descriptors] as const]
        }),
      )
      const { rows } = await client.query<{ n: number }>(count)
      return [...figures.flat(), ['server connections', rows[0]?.n ?? Number.NaN] as const]
    },
    [Symbol.asyncDispose]: () => client.end(),
  }
}
