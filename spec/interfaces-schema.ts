/** What `interfaces.yaml` may say: the names and numbers that the parts of the system show to each other. */
import { z } from 'zod'
import { closed, idList, markerId, noteId, oneOf, words } from './schema.ts'

const notes = idList(noteId)
const origin = oneOf('origin', ['strategy', 'extended', 'derived']).default('strategy')
const scalar = z.union([z.string(), z.number(), z.boolean()])
const loose = z.record(z.string(), z.unknown())

const call = closed({
  id: words,
  origin,
  method: words,
  path: words,
  handler: words.optional(),
  port: z.number().optional(),
  summary: words.optional(),
  request_body: words.optional(),
  response: loose.optional(),
  derived: loose.optional(),
  on_error: loose.optional(),
  notes,
})

const claim = closed({ name: words, type: words, required: z.boolean(), basis: words.optional(), origin })

const jwt = closed({
  transport: words,
  algorithms: closed({ strategy: z.array(words), extended: z.array(words), forbidden: z.array(words) }),
  key_management: words,
  extended_leeway_seconds: z.number(),
  claims: z.array(claim),
  errors_extended: z.array(words),
  cache_defaults_extended: closed({ ttl_seconds: z.number(), note: words }),
  notes,
})

const sessionVariable = closed({ name: words, use: words, source: words.optional(), default: words.optional(), origin })

const sni = closed({ pattern: words, suffix: words, labels: z.array(words), default_branch: words, notes })

const port = closed({ port: z.number(), name: words, owner: words, exposed_by_service: z.boolean(), real: words.optional(), notes })

const series = closed({ name: words, type: oneOf('metric type', ['gauge', 'counter', 'histogram']), meaning: words, real: words })

const metrics = closed({ prefix: words, labels: z.array(words), series: z.array(series), real_labels: z.array(words), notes })

const alerts = closed({
  strategy: z.array(words),
  extended_report_thresholds: z.array(closed({ name: words, target: words, alert: words })),
  derived_rules: z.array(closed({ name: words, expr: words, for: words, basis: words })),
  notes,
})

const configKey = closed({
  key: words,
  value: z.union([scalar, z.array(words)]),
  unit: words.optional(),
  real: words.nullable(),
  exists: z.boolean(),
  notes,
})

const pgdogConfig = closed({ files: z.array(words), template_variables: z.array(words), schema_closed: words, keys: z.array(configKey) })

const hash = closed({ constants: loose, actual: words, shard_index: words, sql_extended: z.array(words), notes })

const variable = closed({ name: words, value: scalar.optional(), origin, where: words, notes })

const command = closed({ command: words, flags: z.array(words), marker: markerId.nullable(), notes })

const cli = closed({ binary: words, commands: z.array(command), pgdog: loose })

const risk = closed({ id: words, risk: words, impact: words, likelihood: words, mitigation: words, notes })

const target = closed({ id: words, metric: words, op: oneOf('comparison', ['<', '<=', '>', '>=']), value: z.number(), unit: words })

export const interfacesSchema = closed({
  http: z.array(call),
  models: z.record(z.string(), z.union([z.record(z.string(), words), z.array(noteId)])),
  cluster_states: closed({ strategy: z.array(words), extended: z.array(words), notes }),
  jwt,
  session_variables: z.array(sessionVariable),
  sni,
  ports: z.array(port),
  metrics,
  alerts,
  pgdog_config: pgdogConfig,
  hash,
  env: z.array(variable),
  cli,
  image: loose,
  envoy: loose,
  kubernetes: loose,
  risks: z.array(risk),
  targets: z.array(target),
  test_categories: z.array(closed({ name: words, count: words, priority: words, tools: z.array(words) })),
  timeline: closed({ total_weeks: z.number(), phases: z.array(closed({ phase: z.number(), weeks: words })) }),
  auth_options: z.array(closed({ id: words, recommended: z.boolean(), summary: words })),
})

/** The interfaces, with the keys of the file. */
export type Interfaces = z.infer<typeof interfacesSchema>
