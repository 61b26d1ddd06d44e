/** Foreign load generators: where they are, what version, and how to get them. */
import type { Availability } from '../spec/capability.ts'
import { absent, firstLine, here, isExecutable, pathOf } from './tools.ts'

export interface Tool {
  readonly name: 'pgbench' | 'k6'
  readonly path: string
  readonly version: string
}

interface Known {
  /** Names a program that is not on the PATH. */
  readonly variable: string
  readonly asks: readonly string[]
  readonly howToGet: string
}

const tools: Readonly<Record<Tool['name'], Known>> = {
  pgbench: {
    variable: 'PGBENCH_BIN',
    asks: ['--version'],
    howToGet: 'it comes with PostgreSQL (Debian: postgresql-contrib or postgresql; macOS: brew install libpq), or name it in PGBENCH_BIN',
  },
  k6: {
    variable: 'K6_BIN',
    asks: ['version'],
    howToGet: 'brew install k6, a package of its makers, or `go install go.k6.io/k6@latest`; or name it in K6_BIN',
  },
}

/** Null where there is none that tells its version. */
export function toolOf(name: Tool['name'], env: NodeJS.ProcessEnv = process.env): Tool | null {
  const { variable, asks } = tools[name]
  const path = env[variable] || pathOf(name, env)
  if (path === null || !isExecutable(path)) return null
  try {
    return { name, path, version: firstLine(path, asks, 15_000) }
  } catch {
    return null
  }
}

/** For `doctor`, and for entries that need one. */
export function detectTool(name: Tool['name'], env: NodeJS.ProcessEnv = process.env): Availability {
  const tool = toolOf(name, env)
  if (tool !== null) return here(`${tool.path} (${tool.version})`)
  const { variable, howToGet } = tools[name]
  const place = env[variable] ? `${variable} names ${env[variable]}, which does not run` : `${name} is not on the PATH`
  return absent(`${place}: ${howToGet}`)
}
