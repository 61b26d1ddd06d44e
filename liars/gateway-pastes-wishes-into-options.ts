/** A gateway that puts a name of its own before a client's and hands both on as options, whatever stands in them. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: "puts a name of its own before a client's and hands both on as options, whatever stands in them",
  refutes: { 'SEC-003': ['no-setting'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    logIn(upstream, login) {
      const { application_name: name, ...others } = Object.fromEntries(login.parameters)
      const options = name === undefined ? {} : { options: `-c application_name=pooled ${name}` }
      return pieces.logIn(upstream, { ...login, parameters: new Map(Object.entries({ ...others, ...options })) })
    },
  })
}
