/** How clusters are run by commands of this machine, as it is configured. */
import { z } from 'zod'

const text = z.string().min(1)
const milliseconds = z.int().min(100).max(3_600_000)

const command = z.strictObject({
  /** The program and its arguments, with no shell between; `{cluster}`, `{warmth}`, `{generation}` and `{instance}` are filled in. */
  argv: z.array(z.string()).min(1),
  /** Cut off then, with all that it started and is still of its process group. */
  timeoutMs: milliseconds.default(30_000),
})

const postgresUrl = z.string().regex(/^postgres(?:ql)?:\/\//, 'begins with postgres://')
const httpUrl = z.url({ protocol: /^https?$/ })

const cluster = z.strictObject({
  /** Each must answer a query before the cluster is awake. One who may see other people's transactions (pg_monitor) looks. */
  servers: z.array(postgresUrl).min(1),
  poolers: z
    .array(
      z.strictObject({
        name: text,
        /** A query through it must be answered. */
        url: postgresUrl,
        metrics: httpUrl.optional(),
        /** Its admin database, where RELOAD is said when there is no command for it. */
        admin: postgresUrl.optional(),
      }),
    )
    .default([]),
  gateways: z.array(z.strictObject({ name: text, metrics: httpUrl })).default([]),
  commands: z.strictObject({
    /** Left out: there is nothing to do. */
    apply: command.optional(),
    remove: command.optional(),
    start: command,
    stop: command,
    /** Once for each pooler instance. */
    reload: command.optional(),
  }),
})

export const execSchema = z.strictObject({
  kind: z.literal('exec'),
  /** By id; `default` is for those that are not named. */
  clusters: z.record(text, cluster),
  /** What commands find in their environment beside PATH, HOME and what is said of the cluster. */
  environment: z.record(z.string().regex(/^[A-Z_][A-Z0-9_]*$/), z.string()).default({}),
  /** For one connection and its query. */
  probeTimeoutMs: milliseconds.default(2000),
})

export type ExecConfig = z.infer<typeof execSchema>
export type ExecCluster = ExecConfig['clusters'][string]
export type ExecCommand = z.infer<typeof command>
