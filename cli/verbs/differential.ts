/** `differential`: the router and PgDog against one plain PostgreSQL, by statements made by chance. */
import { randomBytes } from 'node:crypto'
import { runDifferential } from '../../scenarios/differential/run.ts'
import { tell } from '../../scenarios/differential/tell.ts'
import { findPgdog } from '../../stack/components/pgdog-binary.ts'
import { UsageError, mustKnow } from '../usage.ts'

export interface DifferentialOptions {
  readonly seconds: string
  readonly seed?: string
  readonly case?: string
  readonly pooler?: string
  readonly router?: string
}

const kinds = ['pgdog', 'router', 'all'] as const

export async function differential(options: DifferentialOptions): Promise<number> {
  const seconds = Number(options.seconds)
  if (!(seconds > 0 && seconds <= 86_400)) throw new UsageError(`--seconds ${options.seconds}: it must be a number from 1 to 86400`)
  const seed = options.seed ?? randomBytes(6).toString('hex')
  let wrong = 0
  for (const pooler of poolersOf(options.pooler)) {
    console.log(`${pooler}: ${seconds} s, seed ${options.case ?? seed}`)
    const told = (found: Parameters<typeof tell>[0]) => console.log(`\n${tell(found)}`)
    const wish = { pooler, seconds, seed, case: options.case ?? null, program: pooler === 'router' ? (options.router ?? null) : null, told }
    const { version, cases, answered, refused, found } = await runDifferential(wish)
    console.log(
      `\n${pooler} (${version}): ${found.length} kinds of differences in ${cases} cases; ${answered} statements compared, ${refused} refused\n`,
    )
    wrong += found.length
  }
  return wrong === 0 ? 0 : 1
}

function poolersOf(name: string | undefined): readonly ('pgdog' | 'router')[] {
  const here = findPgdog() !== null
  if (name === undefined || name === 'all') return here ? ['router', 'pgdog'] : ['router']
  mustKnow('pooler', name, kinds)
  return [name as 'pgdog' | 'router']
}
